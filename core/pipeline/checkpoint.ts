import { defer, EMPTY } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Checkpoints } from '../checkpoint/index.js';
import { validationScore } from '../events/index.js';
import type { RunEventBody } from '../events/index.js';
import { refuseNonFiniteWeights } from '../training/index.js';
import { occupied } from './compose.js';
import type { Composition } from './compose.js';
import { snapshotRun } from './run-state.js';

/** Where a run keeps its record. */
export interface RunRecord {
  /** Absolute. */
  readonly directory: string;
  readonly checkpoints: Checkpoints;
  /** Has the observers write down what they hold back: a checkpoint counts on the events before it. */
  flush(): Promise<void>;
  /** Events told so far. */
  sequence(): number;
}

/**
 * Writes all of a run's state, verified and whole or not at all, and says so once it is.
 * @param announced false for a checkpoint that an unbroken run wouldn't write
 * @throws RunError for weights that aren't finite, or a folder that can't be written
 */
export function checkpoint(
  composition: Composition,
  record: RunRecord | undefined,
  { announced, elapsedMs }: { readonly announced: boolean; readonly elapsedMs: () => number },
): Observable<RunEventBody> {
  const { state, progress } = composition;
  if (!record) return EMPTY;
  const write = async (): Promise<RunEventBody> => {
    await record.flush();
    refuseNonFiniteWeights(state, `after ${String(state.epoch)} epochs`);
    const sequence = record.sequence();
    const name = record.checkpoints.name(state.epoch, sequence);
    const score = progress.within ? undefined : validationScore(progress.tally.results?.metrics ?? {})?.value;
    if (score !== undefined && score > (progress.best?.score ?? -Infinity)) progress.best = { name, score };
    const snapshot = snapshotRun(composition, { sequence, announced }, elapsedMs());
    const written = await record.checkpoints.write(name, snapshot, progress.best?.name);
    return { type: 'checkpoint:written', epoch: state.epoch, ...written };
  };
  return defer(() => occupied(composition, write()));
}
