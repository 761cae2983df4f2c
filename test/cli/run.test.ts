import { afterAll, describe, expect, it } from '@jest/globals';
import { Observable } from 'rxjs';
import type { ResolvedPipeline } from '../../core/config/index.js';
import { DataError, RunError } from '../../core/errors/index.js';
import type { RunEvent, RunEventBody, Summary } from '../../core/events/index.js';
import type { Run, RunOptions } from '../../core/pipeline/index.js';
import { Folder } from '../config/folder.js';
import { start } from '../config/loading.js';
import { auxflow, Signals } from './command-line.js';

const folder = new Folder({ 'a.yaml': start, 'b.yaml': start, 'bad.yaml': `${start}epochs: 0` });
afterAll(() => folder[Symbol.dispose]());
const cwd = folder.path;

const summary = (name: string): Summary => ({
  name,
  seed: 1,
  strategy: 'single',
  epochs: 1,
  parameters: 10,
  test: { split: 'test', samples: 10, primaryLoss: 0.25, primaryAccuracy: 0.9 },
  metrics: { primaryLoss: 0.5, primaryAccuracy: 0.8, learningRate: 0.1 },
  durationMs: 5,
});
const started = (name: string): RunEventBody => ({
  type: 'run:start',
  name,
  seed: 1,
  directory: `/runs/${name}`,
  config: {},
  strategy: 'single',
  epochs: 1,
  trainSamples: 10,
  parameters: 10,
  passes: [],
});
const ended = (name: string): RunEventBody => ({ type: 'run:end', summary: summary(name), durationMs: 5 });

interface Started {
  readonly pipeline: ResolvedPipeline;
  readonly options: RunOptions;
  closed: boolean;
}

/** A pipeline module whose runs are scripted; `runs` notes how each was started. */
function scripted(script: (name: string, options: RunOptions, emit: (body: RunEventBody) => void) => Promise<void>) {
  const runs: Started[] = [];
  const run = (pipeline: ResolvedPipeline, options: RunOptions = {}): Run => {
    const note: Started = { pipeline, options, closed: false };
    runs.push(note);
    let sequence = 0;
    const events = new Observable<RunEvent>((subscriber) => {
      const emit = (body: RunEventBody) => subscriber.next({ ...body, sequence: sequence++, time: 0 });
      emit(started(pipeline.name));
      script(pipeline.name, options, emit).then(
        () => subscriber.complete(),
        (error: unknown) => subscriber.error(error),
      );
    });
    const closed = {
      get: () =>
        new Promise<void>((resolve) =>
          setTimeout(() => {
            note.closed = true;
            resolve();
          }, 5),
        ),
    };
    return Object.defineProperty(events, 'closed', closed) as Run;
  };
  const dryRun = () => Promise.reject(new Error('nothing is to be tried'));
  return { runs, pipeline: () => Promise.resolve({ run, dryRun }) };
}
const succeeding = () =>
  scripted((name, _, emit) => {
    emit(ended(name));
    return Promise.resolve();
  });

describe('auxflow run', () => {
  it('runs files in turn and prints one table', async () => {
    const { runs, pipeline } = succeeding();
    const { code, stdout, stderr } = await auxflow(['run', 'a.yaml', 'b.yaml', '--seed', '9', '--set', 'epochs=2'], {
      cwd,
      pipeline,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^[ab] .*90\.0.*$/gm)).toHaveLength(2);
    expect(stdout).toContain('written to /runs/a\nwritten to /runs/b\n');
    expect(runs.map(({ pipeline: { name, seed, epochs }, closed }) => ({ name, seed, epochs, closed }))).toEqual([
      { name: 'a', seed: 9, epochs: 2, closed: true },
      { name: 'b', seed: 9, epochs: 2, closed: true },
    ]);
  });

  it('shows progress to people, and logs to machines', async () => {
    const people = succeeding();
    await auxflow(['run', 'a.yaml'], { cwd, pipeline: people.pipeline });
    expect(people.runs[0]!.options.observers!.map(({ name }) => name)).toEqual(['progress']);
    const machines = succeeding();
    const { stdout } = await auxflow(['run', 'a.yaml', '--json'], { cwd, pipeline: machines.pipeline });
    expect(machines.runs[0]!.options.observers!.map(({ name }) => name)).toEqual(['log']);
    expect(JSON.parse(stdout)).toEqual({
      runs: [{ file: 'a.yaml', status: 'finished', directory: '/runs/a', summary: summary('a') }],
    });
    const both = succeeding();
    await auxflow(['run', 'a.yaml', '--log-level', 'debug'], { cwd, pipeline: both.pipeline });
    expect(both.runs[0]!.options.observers!.map(({ name }) => name)).toEqual(['progress', 'log']);
    expect(both.runs[0]!.options.logger!.level).toBe('debug');
  });

  it('runs nothing where one of the files is wrong', async () => {
    const { runs, pipeline } = succeeding();
    const { code, stderr } = await auxflow(['run', 'a.yaml', 'bad.yaml'], { cwd, pipeline });
    expect(code).toBe(2);
    expect(stderr).toBe('bad.yaml:4:9: epochs: expected an integer of at least 1, got 0 (config/invalid-value)\n');
    expect(runs).toEqual([]);
  });

  it('goes on after a run that failed, and says so at the end', async () => {
    const { pipeline } = scripted((name, _, emit) => {
      if (name === 'a')
        return Promise.reject(
          new RunError('run/non-finite', 'the loss is NaN', { stage: 'loss', hint: 'lower the rate' }),
        );
      emit(ended(name));
      return Promise.resolve();
    });
    const { code, stdout, stderr } = await auxflow(['run', 'a.yaml', 'b.yaml'], { cwd, pipeline });
    expect(code).toBe(1);
    expect(stderr).toBe('a.yaml: error: the loss is NaN (run/non-finite)\n  lower the rate\n');
    expect(stdout).toMatch(/^b .*90\.0/m);
    const json = await auxflow(['run', 'a.yaml', 'b.yaml', '--json'], { cwd, pipeline });
    expect(json).toMatchObject({ code: 1, stderr: '' });
    expect(JSON.parse(json.stdout)).toMatchObject({
      runs: [
        {
          file: 'a.yaml',
          status: 'failed',
          error: { code: 'run/non-finite', message: 'the loss is NaN', hint: 'lower the rate', stage: 'loss' },
        },
        { file: 'b.yaml', status: 'finished' },
      ],
    });
  });

  it('exits with 2 where the data is at fault', async () => {
    const { pipeline } = scripted(() => Promise.reject(new DataError('data/short', 'it is short')));
    expect(await auxflow(['run', 'a.yaml'], { cwd, pipeline })).toMatchObject({
      code: 2,
      stderr: 'error: it is short (data/short)\n',
    });
  });
});

describe('signals', () => {
  /** Runs that end when they are told to stop; `onStart` is called once the first is under way. */
  const stoppable = (onStart: () => void) =>
    scripted(async (_, { signal }, emit) => {
      const stopped = new Promise<void>((resolve) => signal!.addEventListener('abort', () => resolve()));
      setTimeout(onStart, 1);
      await stopped;
      emit({ type: 'run:stopped', reason: String(signal!.reason), epoch: 0, durationMs: 1 });
    });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s stops gracefully and skips what is left', async (signal, exitCode) => {
    const process = new Signals();
    const others = { SIGINT: () => {}, SIGTERM: () => {} };
    for (const [name, listener] of Object.entries(others)) process.on(name, listener);
    const { runs, pipeline } = stoppable(() => process.emit(signal, signal));
    const { code, stdout, stderr } = await auxflow(['run', 'a.yaml', 'b.yaml'], { cwd, pipeline, process });
    expect(code).toBe(exitCode);
    expect(stderr).toBe(`${signal}: stopping after this step; once more ends at once\n`);
    expect(stdout).toBe('written to /runs/a\n');
    expect(runs).toHaveLength(1);
    expect(process.exited).toBeUndefined();
    for (const [name, listener] of Object.entries(others)) expect(process.listeners(name)).toEqual([listener]);
  });

  it('the second one ends the process at once', async () => {
    const process = new Signals();
    const { pipeline } = stoppable(() => {
      process.emit('SIGTERM', 'SIGTERM');
      process.emit('SIGINT', 'SIGINT');
    });
    await auxflow(['run', 'a.yaml'], { cwd, pipeline, process });
    expect(process.exited).toBe(130);
  });

  it('are left alone by verbs that do not run', async () => {
    const process = new Signals();
    process.on('newListener', () => expect('a listener').toBe('none'));
    expect((await auxflow(['show', 'a.yaml'], { cwd, process })).code).toBe(0);
  });

  it('machines learn what was stopped', async () => {
    const process = new Signals();
    const { pipeline } = stoppable(() => process.emit('SIGINT', 'SIGINT'));
    const { stdout, stderr } = await auxflow(['run', 'a.yaml', '--json'], { cwd, pipeline, process });
    expect(JSON.parse(stdout)).toEqual({ runs: [{ file: 'a.yaml', status: 'stopped', directory: '/runs/a' }] });
    expect(stderr).toBe('');
  });
});
