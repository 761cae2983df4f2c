import { Option } from 'commander';
import { isLocked } from '../../checkpoint/index.js';
import { DataError } from '../../errors/index.js';
import type { RunEvent, RunEventOf } from '../../events/index.js';
import { readEvents, replay as feed } from '../../runs/index.js';
import { exitCodes } from '../failure.js';
import { ownObservers, type ReplayOptions, watchersOf } from '../replay-observers.js';
import { runsAt, shown } from '../run-places.js';
import { StopSignals } from '../stop-signals.js';
import { runArgument } from '../trained-run.js';
import { action, type Call, examples, setOption, type Verb } from '../verb.js';

/** `auxflow replay RUN` */
export const replay: Verb = (program, shell, exit) => {
  program
    .command('replay')
    .summary('feed the record of a run to an observer')
    .description(
      'Feeds the recorded events of a run to observers, in order and with their recorded times, as the run itself did. ' +
        'Observers that write do so into a folder of their own, never into the recorded run.',
    )
    .argument(...runArgument)
    .option('--observer <name>', `${ownObservers.join(', ')}, or one of a plugin`, 'progress')
    .addOption(new Option('--pipeline <file>', 'the observers of this pipeline file instead').conflicts('observer'))
    .addOption(setOption())
    .option('--out <folder>', 'where they write: a folder that is new or empty; one in `replays` by default')
    .addHelpText(
      'after',
      examples(
        'auxflow replay mnist-parity-maxl/001',
        'auxflow replay runs/mnist-parity-maxl/001 --observer tensorboard --set every=1 --out again',
        'auxflow replay mnist-parity-maxl/001 --pipeline mlflow.yaml --set observers.0.experiment=old-runs',
      ),
    )
    .action(action(shell, exit, replayRun));
};

async function replayRun(call: Call<ReplayOptions>, place: string): Promise<number> {
  const { shell, terminal } = call;
  const folder = await theRun(place, shell.cwd);
  if (await isLocked(folder)) terminal.note(`${place} still runs: what it has recorded so far is replayed`);
  // The record is read once before anything is written: a damaged one leaves nothing behind.
  let start: RunEventOf<'run:start'> | undefined;
  for await (const event of readEvents(folder, { note: (line) => terminal.note(line) }))
    if (event.type === 'run:start') start ??= event;

  using watchers = await watchersOf(call, start!, folder);
  const { observers, out } = watchers;
  using stop = new StopSignals(shell.process, (signal) => terminal.note(`${signal}: leaving out the rest`));
  const { events, failed } = await feed(relocated(readEvents(folder), out), observers, stop.signal);
  for (const { observer, error } of failed) terminal.note(`observer ${observer} failed: ${error.message}`);
  const result = { run: folder, events, observers: observers.map(({ name }) => name), failed };
  terminal.result({ ...result, ...(out !== undefined && { out }) }, () =>
    [
      `${events} events of ${shown(folder, shell.cwd)} replayed`,
      ...(out === undefined ? [] : [`written to ${out}`]),
    ].join('\n'),
  );
  return stop.exitCode ?? (failed.length > 0 ? exitCodes.runFailed : 0);
}

async function theRun(place: string, cwd: string): Promise<string> {
  const [folder, ...others] = await runsAt([place], cwd);
  if (folder !== undefined && others.length === 0) return folder;
  const many = `holds ${others.length + 1} runs`;
  throw new DataError('run/not-found', `${place} ${folder === undefined ? 'holds no run' : many}`, {
    hint: `Name one${folder === undefined ? '' : `, such as ${shown(folder, cwd)}`}.`,
  });
}

/** Events as a run in folder `out` tells them. */
async function* relocated(events: AsyncIterable<RunEvent>, out: string | undefined): AsyncGenerator<RunEvent, void> {
  for await (const event of events)
    yield event.type === 'run:start' && out !== undefined ? { ...event, directory: out } : event;
}
