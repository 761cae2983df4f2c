import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { lastValueFrom, tap, toArray } from 'rxjs';
import { tf } from '../engine/index.js';
import type { RunEvent } from '../events/index.js';
import { run } from '../pipeline/index.js';
import type { RunOptions } from '../pipeline/index.js';
import type { Bench } from './bench.js';
import { same } from './comparisons.js';
import type { Check } from './suite.js';

/** What every stage must do in whole runs, which are recorded in temporary folders. */
export function runChecks(bench: Bench): Check[] {
  /** What comes of an undisturbed run, for all checks to compare with. */
  let undisturbed: Promise<unknown> | undefined;
  const whole = () => (undisturbed ??= inFolder(async (folder) => outcome(await record(bench, folder))));
  return [
    {
      name: 'trains to the end, and leaves no tensors behind',
      async run() {
        const before = tf.memory().numTensors;
        await whole();
        assert.equal(tf.memory().numTensors - before, 0, 'tensors were left behind');
      },
    },
    {
      name: 'trains the same way from the same seed',
      run: () =>
        inFolder(async (folder) => {
          const expected = await whole();
          same(await outcome(await record(bench, folder)), expected, 'what came of it');
        }),
    },
    {
      name: 'goes on after a stop as if it had never paused',
      run: () =>
        inFolder(async (folder) => {
          const expected = await whole();
          const stop = new AbortController();
          const stopped = await record(bench, folder, { signal: stop.signal }, (event) => {
            if ('step' in event && event.epoch === 2) stop.abort('enough');
          });
          assert.equal(stopped.at(-1)!.type, 'run:stopped');
          const resumed = await record(bench, folder, { resume: directoryOf(stopped) });
          same(await outcome(resumed), expected, 'what came of it');
        }),
    },
  ];
}

export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'auxflow-testing-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Milliseconds that an observer may take to finish. */
export const patience = 10_000;

/** What a run says of a listener that fails after its last event. */
interface Complaint {
  readonly listener?: string;
  readonly err: { readonly code?: string; readonly message: string };
}

/** The events of one run, whose folder is made in `runs`. @throws what failed, a listener included */
export async function record(
  bench: Bench,
  runs: string,
  options?: RunOptions,
  watch: (event: RunEvent) => void = () => undefined,
): Promise<RunEvent[]> {
  punctual(bench);
  const complaints: Complaint[] = [];
  const write = (line: string) => void complaints.push(JSON.parse(line) as Complaint);
  const logger = pino({ level: 'warn' }, { write });
  const started = run(await bench.load({}, { runs }), { ...options, logger, patience });
  const events = await lastValueFrom(started.pipe(tap(watch), toArray()));
  await started.closed;
  const told = events.flatMap((event) =>
    event.type === 'listener:error' ? [{ listener: event.listener, err: event.error }] : [],
  );
  for (const { listener, err } of [...told, ...complaints.filter(({ listener }) => listener !== undefined)]) {
    const why = `a listener failed: ${listener}: ${err.message}`;
    if (err.code === 'run/observer-late') bench.late = why;
    assert.fail(why);
  }
  return events;
}

/** @throws AssertionError where the observer was late before */
export const punctual = ({ late }: Bench): void => {
  if (late !== undefined) assert.fail(`not asked again: ${late}`);
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What came of a run: its weights byte by byte, and every epoch's metrics. */
async function outcome(events: readonly RunEvent[]): Promise<unknown> {
  assert.equal(events.at(-1)!.type, 'run:end', 'the last event');
  const folder = join(directoryOf(events), 'weights');
  const weights: Record<string, string> = {};
  for (const file of (await readdir(folder)).sort()) weights[file] = sha256(await readFile(join(folder, file)));
  const epochs = events.flatMap((event) => (event.type === 'epoch:end' ? [event.metrics] : []));
  return { epochs, weights };
}

function directoryOf([start]: readonly RunEvent[]): string {
  assert.ok(start?.type === 'run:start' && start.directory !== undefined);
  return start.directory;
}
