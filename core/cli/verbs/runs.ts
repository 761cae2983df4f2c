import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { ConfigError, DataError } from '../../errors/index.js';
import { nearest } from '../../plugins/index.js';
import {
  differences,
  engineDifferences,
  measurements,
  readEntry,
  runStates,
  type DamagedEntry,
  type RunEntry,
  type RunState,
} from '../../runs/index.js';
import { runsAt, shown } from '../run-places.js';
import { rowsTable, runsTable } from '../runs-table.js';
import { action, type Call, examples, type Verb } from '../verb.js';

type Entry = RunEntry | DamagedEntry;

interface ListOptions {
  readonly name?: string;
  readonly strategy?: string;
  readonly dataset?: string;
  readonly state?: readonly RunState[];
  readonly sort: Column;
}

/** What runs are sorted by: times and scores from the highest, all else from the lowest. */
const columns = {
  started: ({ started }: RunEntry) => -started,
  name: ({ name }: RunEntry) => name,
  strategy: ({ strategy }: RunEntry) => strategy,
  dataset: ({ dataset }: RunEntry) => dataset,
  seed: ({ seed }: RunEntry) => seed,
  epochs: ({ epochs }: RunEntry) => -epochs.done,
  test: ({ summary }: RunEntry) => -(summary?.test.primaryAccuracy ?? -Infinity),
  time: ({ durationMs }: RunEntry) => -durationMs,
} satisfies Record<string, (run: RunEntry) => string | number>;
type Column = keyof typeof columns;

/** Where runs lie unless a pipeline says otherwise. */
const usual = 'runs';
const places = 'run folders, folders that hold some, or NAME or NAME/NNN below runs';

/** `auxflow runs [FOLDER...]` and `auxflow runs diff RUN...` */
export const runs: Verb = (program, shell, exit) => {
  const verb = program
    .command('runs')
    .summary('list runs, and show how they differ')
    .description('Lists runs, the newest first: how far each one came, and how it scored.')
    .argument('[runs...]', `${places}; all of them by default`)
    .option('--name <text>', 'only runs whose name holds this')
    .option('--strategy <name>', 'only runs of this strategy')
    .option('--dataset <name>', 'only runs on this dataset')
    .addOption(
      new Option('--state <states>', `only runs that are one of these: ${runStates.join(',')}`).argParser(states),
    )
    .addOption(
      new Option('--sort <column>', 'what they are sorted by').choices(Object.keys(columns)).default('started'),
    )
    .addHelpText(
      'after',
      examples(
        'auxflow runs',
        'auxflow runs comparisons --strategy maxl --sort test',
        'auxflow runs runs/mnist-parity-maxl --state stopped,broken-off --json',
      ),
    )
    .action(action(shell, exit, list));
  verb
    .command('diff')
    .description(
      'Shows the keys in which the pipelines of runs differ, what they computed with where that differs, and what they have ' +
        'measured, side by side.',
    )
    .argument('<runs...>', places)
    .addHelpText('after', examples('auxflow runs diff mnist-parity-maxl/001 mnist-parity-maxl/002'))
    .action(action(shell, exit, diff));
};

async function list({ shell, terminal, options }: Call<ListOptions>, ...named: string[]): Promise<number> {
  const usualPlace = existsSync(resolve(shell.cwd, usual)) ? [usual] : [];
  const all = await entriesAt(named.length > 0 ? named : usualPlace, shell.cwd);
  const chosen = all.filter((run) => isChosen(run, options)).sort(by(columns[options.sort]));
  if (chosen.length === 0) {
    const which = all.length > 0 ? `none of ${all.length} runs is such` : 'there is no run';
    terminal.note(`${which} in ${named.length > 0 ? named.join(', ') : usual}`);
  }
  terminal.result({ runs: chosen.map(forMachines) }, () => (chosen.length > 0 ? runsTable(chosen, shell.cwd) : ''));
  return 0;
}

async function diff({ shell, terminal }: Call<object>, ...named: string[]): Promise<number> {
  const found = await entriesAt(named, shell.cwd);
  const damaged = found.find((entry) => entry.state === 'damaged');
  if (damaged) throw new DataError('run/damaged', `${shown(damaged.folder, shell.cwd)} is damaged: ${damaged.reason}`);
  const compared = found as RunEntry[];
  if (compared.length < 2)
    throw ConfigError.of(
      'cli/usage',
      [],
      `${named.length > 1 ? `${named.join(' and ')} are` : `${named[0]} is`} one run`,
      'Name two runs or more.',
    );
  const [config, engine, measured] = [differences(compared), engineDifferences(compared), measurements(compared)];
  const head = compared.map(({ folder }) => shown(folder, shell.cwd));
  terminal.result({ runs: compared.map(forMachines), config, engine, measured }, () =>
    [
      ...(config.length > 0 ? rowsTable(head, config, 1 + head.length) : ['Their pipelines are the same.']),
      ...(engine.length > 0 ? ['', ...rowsTable(head, engine, 1 + head.length)] : []),
      '',
      ...rowsTable(head, [{ key: 'state', values: compared.map(({ state }) => state) }, ...measured], 1),
    ].join('\n'),
  );
  return 0;
}

async function entriesAt(named: readonly string[], cwd: string): Promise<Entry[]> {
  const entries: Entry[] = [];
  for (const folder of await runsAt(named, cwd)) entries.push(await readEntry(folder));
  return entries;
}

/** A damaged run has no name or strategy that could be asked for. */
function isChosen(run: Entry, { name, strategy, dataset, state }: ListOptions): boolean {
  if (state && !state.includes(run.state)) return false;
  if (run.state === 'damaged') return [name, strategy, dataset].every((wanted) => wanted === undefined);
  return (
    (name === undefined || run.name.includes(name)) &&
    (strategy === undefined || run.strategy === strategy) &&
    (dataset === undefined || run.dataset === dataset)
  );
}

/** Damaged runs come last; of equals, the newest first. */
const by =
  (key: (run: RunEntry) => string | number) =>
  (a: Entry, b: Entry): number => {
    if (a.state === 'damaged' || b.state === 'damaged')
      return Number(a.state === 'damaged') - Number(b.state === 'damaged');
    const [first, second] = [key(a), key(b)];
    return first < second ? -1 : first > second ? 1 : b.started - a.started;
  };

const forMachines = (run: Entry) =>
  run.state === 'damaged' ? run : { ...run, config: undefined, started: new Date(run.started).toISOString() };

function states(text: string): RunState[] {
  const named = text.split(',').map((state) => state.trim());
  const odd = named.find((state) => !runStates.some((known) => known === state));
  if (odd === undefined) return named as RunState[];
  const near = nearest(odd, runStates);
  throw new InvalidArgumentError(
    near === undefined ? `Expected some of ${runStates.join(', ')}.` : `Did you mean ${near}?`,
  );
}
