import { lastValueFrom, tap } from 'rxjs';
import { loadPipeline, type ResolvedPipeline } from '../../config/index.js';
import type { RunEvent, Summary } from '../../events/index.js';
import { log, progress, resultTable } from '../../observers/index.js';
import { exitCodeOf, failureReport, failureText, type FailureReport } from '../failure.js';
import { loadOptions, type ChangeOptions } from '../shell.js';
import { StopSignals } from '../stop-signals.js';
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
    .argument('<files...>', 'pipeline files')
    .addHelpText(
      'after',
      examples(
        'auxflow run pipelines/quickstart.yaml',
        'auxflow run a.yaml b.yaml --seed 3 --runs /tmp/runs',
        'auxflow run a.yaml --set auxiliary.use=random-labels --set epochs=5',
      ),
    )
    .action(action(shell, exit, runFiles));
};

async function runFiles(call: Call<ChangeOptions>, ...files: string[]): Promise<number> {
  const { shell, terminal, options } = call;
  const pipelines: { file: string; pipeline: ResolvedPipeline }[] = [];
  for (const file of files) pipelines.push({ file, pipeline: await loadPipeline(file, loadOptions(shell, options)) });

  using stop = new StopSignals(shell.process, (signal) =>
    terminal.note(`${signal}: stopping after this step; once more ends at once`),
  );
  const outcomes: Outcome[] = [];
  let code = 0;
  for (const { file, pipeline } of pipelines) {
    if (stop.signal.aborted) break;
    const { outcome, error } = await runOne(call, file, pipeline, stop.signal);
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

async function runOne(
  { shell, terminal }: Call<ChangeOptions>,
  file: string,
  pipeline: ResolvedPipeline,
  signal: AbortSignal,
): Promise<{ outcome: Outcome; error?: unknown }> {
  const { stderr, interactive, logger, json, logsEvents } = terminal;
  const observers = [
    ...(json ? [] : [progress({ stream: stderr, interactive, color: terminal.colors(stderr) })]),
    ...(logsEvents ? [log(logger)] : []),
  ];
  let directory: string | undefined;
  const note = (event: RunEvent): void => {
    if (event.type === 'run:start') ({ directory } = event);
  };
  const started = (await shell.pipeline()).run(pipeline, { signal, observers, logger });
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
