import { dirname, join } from 'node:path';
import { lastValueFrom, tap } from 'rxjs';
import { loadPipeline, type ResolvedPipeline } from '../../config/index.js';
import { ConfigError } from '../../errors/index.js';
import type { RunEvent, Summary } from '../../events/index.js';
import { log, progress, resultTable } from '../../observers/index.js';
import type { RunOptions } from '../../pipeline/index.js';
import { exitCodeOf, failureReport, failureText, type FailureReport } from '../failure.js';
import { loadOptions, type ChangeOptions, type Shell } from '../shell.js';
import { StopSignals } from '../stop-signals.js';
import { StrayErrors } from '../stray-errors.js';
import { action, type Call, changes, examples, type Verb } from '../verb.js';

/** How one file's run ended, as `--json` prints it. */
interface Outcome {
  readonly file: string;
  readonly status: 'finished' | 'stopped' | 'failed';
  readonly directory?: string;
  readonly summary?: Summary;
  readonly error?: FailureReport;
}

/** `auxflow run FILE...` */
export const run: Verb = (program, shell, exit) => {
  changes(program.command('run'))
    .summary('train pipelines, one after another, and compare them')
    .description('Trains pipelines, one after another, and prints one table of results.')
    .argument('[files...]', 'pipeline files')
    .option('--resume <run>', 'go on with a run that was stopped or killed: its folder, or "latest" of each pipeline')
    .option('--force', 'go on although keys of the pipeline have changed that are not safe to change')
    .addHelpText(
      'after',
      examples(
        'auxflow run pipelines/quickstart.yaml',
        'auxflow run a.yaml b.yaml --seed 3 --runs /tmp/runs',
        'auxflow run a.yaml --set auxiliary.use=random-labels --set epochs=5',
        'auxflow run a.yaml --resume latest',
        'auxflow run --resume runs/a/003 --set epochs=50',
      ),
    )
    .action(action(shell, exit, runFiles));
};

interface RunVerbOptions extends ChangeOptions {
  readonly resume?: string;
  readonly force?: boolean;
}

async function runFiles(call: Call<RunVerbOptions>, ...named: string[]): Promise<number> {
  const { shell, terminal, options } = call;
  const files = await filesOf(call, named);
  const pipelines: { file: string; pipeline: ResolvedPipeline; resume?: string }[] = [];
  for (const file of files) {
    const pipeline = await loadPipeline(file, loadOptions(shell, options));
    pipelines.push({ file, pipeline, ...(await resumedBy(call, pipeline)) });
  }

  using strays = new StrayErrors();
  using stop = new StopSignals(shell.process, (signal) =>
    terminal.note(`${signal}: stopping after this step; once more ends at once`),
  );
  const outcomes: Outcome[] = [];
  let code = 0;
  for (const { file, pipeline, resume } of pipelines) {
    if (stop.signal.aborted || strays.signal.aborted) break;
    const how = {
      signal: AbortSignal.any([stop.signal, strays.signal]),
      force: options.force ?? false,
      ...(resume !== undefined && { resume }),
    };
    const { outcome, error } = await runOne(call, file, pipeline, how);
    outcomes.push(outcome);
    if (outcome.status === 'failed') {
      code ||= exitCodeOf(error);
      terminal.note(files.length > 1 ? `${file}: ${failureText(error)}` : failureText(error));
    }
  }
  const summaries = outcomes.flatMap(({ summary }) => summary ?? []);
  terminal.result({ runs: outcomes }, () => [...table(summaries, terminal.colors()), ...folders(outcomes)].join('\n'));
  return stop.exitCode ?? code;
}

/** The pipeline files named, or that of the run to go on with. */
async function filesOf({ shell, options: { resume } }: Call<RunVerbOptions>, files: string[]): Promise<string[]> {
  if (resume === undefined || resume === 'latest') {
    if (files.length > 0) return files;
    throw usage(resume ? '--resume latest needs the pipeline file' : 'name a pipeline file', 'auxflow run FILE');
  }
  if (files.length > 1) throw usage('one run can go on with one pipeline only', `auxflow run FILE --resume ${resume}`);
  return files.length > 0 ? files : [join(await namedRun(resume, shell), 'config.yaml')];
}

const usage = (message: string, form: string): ConfigError =>
  ConfigError.of('cli/usage', [], message, `Write: ${form}`);

/** The folder that a pipeline's run goes on in. */
async function resumedBy(
  { shell, options: { resume } }: Call<RunVerbOptions>,
  { runs, name }: ResolvedPipeline,
): Promise<Pick<RunOptions, 'resume'>> {
  if (resume === undefined) return {};
  if (resume !== 'latest') return { resume: await namedRun(resume, shell) };
  const { latestRun } = await import('../../checkpoint/index.js');
  return { resume: await latestRun(runs, name) };
}

async function namedRun(run: string, { cwd }: Shell): Promise<string> {
  const { findRun } = await import('../../trained/index.js');
  return findRun(run, cwd);
}

async function runOne(
  { shell, terminal }: Call<RunVerbOptions>,
  file: string,
  pipeline: ResolvedPipeline,
  how: Pick<RunOptions, 'signal' | 'resume' | 'force'>,
): Promise<{ outcome: Outcome; error?: unknown }> {
  const { stderr, interactive, logger, json, logsEvents } = terminal;
  const observers = [
    ...(json ? [] : [progress({ stream: stderr, interactive, color: terminal.colors(stderr) })]),
    ...(logsEvents ? [log(logger)] : []),
  ];
  let directory: string | undefined;
  const note = (event: RunEvent): void => {
    if (event.type === 'run:start') ({ directory } = event);
    const refused = event.type === 'run:failed' && event.error.code.startsWith('resume/');
    if ((event.type === 'run:stopped' || event.type === 'run:failed') && event.checkpoint !== undefined && !refused)
      terminal.note(
        `go on from its last checkpoint: auxflow run ${file} --resume ${dirname(dirname(event.checkpoint))}`,
      );
  };
  const started = (await shell.pipeline()).run(pipeline, { ...how, observers, logger });
  const where = () => ({ file, ...(directory === undefined ? {} : { directory }) });
  try {
    const last = await lastValueFrom(started.pipe(tap(note)));
    const summary = last.type === 'run:end' ? { summary: last.summary } : {};
    return { outcome: { ...where(), status: last.type === 'run:end' ? 'finished' : 'stopped', ...summary } };
  } catch (error) {
    return { outcome: { ...where(), status: 'failed', error: failureReport(error) }, error };
  } finally {
    await started.closed;
  }
}

const table = (summaries: readonly Summary[], color: boolean): string[] =>
  summaries.length > 0 ? [resultTable(summaries, { color })] : [];

const folders = (outcomes: readonly Outcome[]): string[] =>
  outcomes.flatMap(({ directory }) => (directory === undefined ? [] : `written to ${directory}`));
