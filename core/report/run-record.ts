import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors/index.js';
import type { EpochMetrics, Evaluation, LabelUse, RunEvent, RunEventOf, Summary } from '../events/index.js';
import { parseEvent } from '../observers/index.js';
import type { FoundRun } from './comparison.js';

/** One finished epoch of a run. */
export interface EpochRecord {
  readonly epoch: number;
  readonly metrics: EpochMetrics;
  readonly labelUse?: readonly LabelUse[];
  /** Gradient cosines of the epoch's steps, where they were measured. */
  readonly cosines: readonly number[];
}

/** What a run folder tells of its run. */
export interface RunRecord extends FoundRun {
  readonly start: RunEventOf<'run:start'>;
  readonly epochs: readonly EpochRecord[];
  readonly test?: Evaluation;
  /** Of a finished run. */
  readonly summary?: Summary;
  readonly durationMs?: number;
  readonly warnings: readonly string[];
  readonly status: 'finished' | 'stopped' | 'failed' | 'unfinished';
  /** Why the run has no result, for people. */
  readonly reason?: string;
}

/**
 * Reads a run folder's `events.jsonl`, line by line. A torn last line is what a killed process leaves, and is skipped.
 * @throws DataError for any other line that is no event, with file and line, where the run's start is missing, and for a
 *   file that can't be read
 */
export async function readRun(found: FoundRun): Promise<RunRecord> {
  const file = join(found.folder, 'events.jsonl');
  let start: RunEventOf<'run:start'> | undefined;
  let last: RunEvent | undefined;
  let cosines: number[] = [];
  const epochs: EpochRecord[] = [];
  const warnings: string[] = [];
  for await (const event of readEvents(file)) {
    last = event;
    if (event.type === 'run:start') start = event;
    else if (event.type === 'step:end')
      cosines.push(...(event.gradientCosine === undefined ? [] : [event.gradientCosine]));
    else if (event.type === 'warning') warnings.push(event.message);
    else if (event.type === 'epoch:end') {
      const { epoch, metrics, labelUse } = event;
      epochs.push({ epoch, metrics, ...(labelUse && { labelUse }), cosines });
      cosines = [];
    }
  }
  if (!start) {
    throw new DataError('data/no-run-start', `${file} doesn't begin with a run:start event`, {
      hint: 'The run ended before it began; leave its folder out.',
    });
  }
  return { ...found, start, epochs, warnings, ...ending(start, last, epochs.length) };
}

/** How the run ended, by its last event. */
function ending(
  { epochs }: RunEventOf<'run:start'>,
  last: RunEvent | undefined,
  done: number,
): Pick<RunRecord, 'status' | 'reason' | 'durationMs' | 'summary' | 'test'> {
  const after = `after ${done} of ${epochs} epochs`;
  if (last?.type === 'run:end') {
    const { summary, durationMs } = last;
    return { status: 'finished', durationMs, summary, test: summary.test };
  }
  if (last?.type === 'run:stopped')
    return { status: 'stopped', reason: `stopped ${after}: ${last.reason}`, durationMs: last.durationMs };
  if (last?.type === 'run:failed')
    return { status: 'failed', reason: `failed ${after}: ${last.error.message}`, durationMs: last.durationMs };
  return { status: 'unfinished', reason: `not ended ${after}: it was killed, or still runs` };
}

async function* readEvents(path: string): AsyncIterable<RunEvent> {
  const unreadable = (cause: unknown): DataError =>
    new DataError('data/unreadable', `${path} can't be read: ${(cause as Error).message}`, { cause });
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(cause);
  });
  try {
    let number = 0;
    let fault: DataError | undefined;
    for await (const line of file.readLines({ encoding: 'utf8' })) {
      if (fault) throw fault;
      number++;
      if (line.trim() === '') continue;
      try {
        yield parseEvent(line);
      } catch (cause) {
        fault = new DataError('data/event', `${path}:${number}: ${(cause as Error).message}`, {
          cause,
          hint: 'The record of this run is damaged; leave its folder out, or run it again.',
        });
      }
    }
  } catch (error) {
    throw error instanceof DataError ? error : unreadable(error);
  } finally {
    await file.close();
  }
}
