import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadCatalog } from '../../config/index.js';
import { DataError } from '../../errors/index.js';
import type { DataFile, DataSource } from '../../plugins/index.js';
import { checksumOf } from '../data/checksum.js';
import { fetchFile, placeOf, type FetchedFile } from '../data/fetch-file.js';
import { FetchProgress, megabytes } from '../data/fetch-progress.js';
import { findSource, sourcesOf } from '../data/sources.js';
import { loadOptions, type Shell } from '../shell.js';
import { StopSignals } from '../stop-signals.js';
import { action, type Call, examples, type Verb } from '../verb.js';

interface DataOptions {
  readonly pipeline?: string;
  readonly to?: string;
}

/** `auxflow data list` and `auxflow data fetch NAME` */
export const data: Verb = (program, shell, exit) => {
  const verb = program
    .command('data')
    .summary('list datasets that can be downloaded, and download them')
    .description('Datasets that are downloaded from their publishers, to be used without a network afterwards.');
  const pipeline = ['--pipeline <file>', 'pipeline file whose own plugins bring more of them'] as const;
  verb
    .command('list')
    .description('Lists the datasets that can be downloaded, and which of them are here.')
    .option(...pipeline)
    .addHelpText('after', examples('auxflow data list', 'auxflow data list --json'))
    .action(action(shell, exit, listSources));
  verb
    .command('fetch')
    .description(
      'Downloads the files of a dataset, goes on with what an earlier try left, and verifies and unpacks them.',
    )
    .argument('<name>', 'one of `auxflow data list`')
    .option('--to <folder>', "put them there instead of where the dataset's stage looks by itself")
    .option(...pipeline)
    .addHelpText('after', examples('auxflow data fetch cifar10', 'auxflow data fetch svhn --to data/svhn'))
    .action(action(shell, exit, fetchSource));
};

async function listSources({ shell, terminal, options }: Call<DataOptions>): Promise<number> {
  const sources = sourcesOf(await catalogOf(shell, options));
  const { dataFolder } = await import('../../datasets/index.js');
  const rows = [...sources].map(([name, { files, elsewhere, ...source }]) => {
    const count = (folder: string): number => files.filter((file) => existsSync(placeOf(file, folder))).length;
    const own = dataFolder(name, shell.env);
    const folder = elsewhere !== undefined && count(elsewhere) === files.length ? elsewhere : own;
    const here = count(folder);
    const bytes = files.reduce((sum, file) => sum + (file.bytes ?? 0), 0);
    return { name, ...source, bytes, folder, state: here === files.length ? 'here' : here > 0 ? 'in part' : 'absent' };
  });
  terminal.result({ datasets: rows }, () =>
    rows
      .map(({ name, bytes, state, description, licence }) =>
        [name.padEnd(14), megabytes(bytes).padStart(9), state.padEnd(8), `${description} (${licence})`].join('  '),
      )
      .join('\n'),
  );
  return 0;
}

async function fetchSource({ shell, terminal, options }: Call<DataOptions>, name: string): Promise<number> {
  const source = findSource(await catalogOf(shell, options), name);
  const { dataFolder } = await import('../../datasets/index.js');
  const folder = options.to === undefined ? dataFolder(name, shell.env) : resolve(shell.cwd, options.to);
  using stop = new StopSignals(shell.process, (signal) => terminal.note(`${signal}: stopping`));
  const progress = new FetchProgress(terminal);
  const fetched: FetchedFile[] = [];
  try {
    for (const file of source.files) {
      const show = (bytes: number, total: number | undefined) => progress.show(file.file, bytes, total);
      const done = await fetchFile(file, folder, { signal: stop.signal, progress: show });
      fetched.push(done);
      progress.line([file.file, ...(done.bytes > 0 ? [megabytes(done.bytes)] : []), done.status].join('  '));
    }
  } catch (error) {
    progress.line();
    if (stop.exitCode === undefined) throw byHand(error, name, source, folder, shell);
    terminal.note('What has arrived is kept; the same command goes on from there.');
    return stop.exitCode;
  }
  terminal.result({ name, folder, files: fetched }, () => `${name} is in ${folder}`);
  return 0;
}

const catalogOf = (shell: Shell, { pipeline }: DataOptions) => loadCatalog(pipeline ?? {}, loadOptions(shell, {}));

const network = new Set(['data/unreachable', 'data/http', 'data/cut']);

/** A network's error with what to do without one. */
function byHand(error: unknown, name: string, { files }: DataSource, folder: string, { env }: Shell): unknown {
  if (!(error instanceof DataError) || !network.has(error.code)) return error;
  const missing = files.filter((file) => !existsSync(placeOf(file, folder)));
  const proxy = env['HTTPS_PROXY'] ?? env['https_proxy'];
  const hint = [
    ...(proxy && !env['NODE_USE_ENV_PROXY']
      ? ['HTTPS_PROXY is heeded by Node 24 and newer, with NODE_USE_ENV_PROXY=1.']
      : []),
    `Without network: download on another machine, and put into ${folder}`,
    ...missing.map((file) => `  ${file.file}  from ${file.url}  (${known(file)})`),
    `Then \`auxflow data fetch ${name}\` verifies what is there${files.some(({ unpackTo }) => unpackTo) ? ' and unpacks it' : ''}.`,
  ].join('\n  ');
  return new DataError(error.code, error.message, { hint, cause: error });
}

function known(file: DataFile): string {
  const checksum = checksumOf(file);
  return [
    ...(file.bytes === undefined ? [] : [megabytes(file.bytes)]),
    ...(checksum ? [`${checksum.name} ${checksum.expected}`] : []),
  ].join(', ');
}
