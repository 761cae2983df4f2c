import type { EpochMetrics, Evaluation, LabelUse, RunEvent, RunEventOf, Summary } from '../events/index.js';
import { readEvents } from '../runs/index.js';
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
  let start: RunEventOf<'run:start'> | undefined;
  let last: RunEvent | undefined;
  let cosines: number[] = [];
  const epochs: EpochRecord[] = [];
  const warnings: string[] = [];
  for await (const event of readEvents(found.folder)) {
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
  return { ...found, start: start!, epochs, warnings, ...ending(start!, last, epochs.length) };
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
