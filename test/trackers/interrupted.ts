import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import type { PipelineSpec } from '../../core/config/index.js';
import type { RunEvent, RunEventBody } from '../../core/events/index.js';
import { run, type RunOptions } from '../../core/pipeline/index.js';
import { toyPipeline } from '../pipeline/toy.js';

/** Where a run is broken off: stopped at an event, or left there as a killed one is. */
interface Interrupted extends RunOptions {
  readonly until?: number;
  readonly leave?: boolean;
}

/** Runs a small toy pipeline, with checkpoints within its epochs. */
export async function go(
  changes: PipelineSpec,
  { until = Infinity, leave = false, ...options }: Interrupted = {},
): Promise<RunEvent[]> {
  const stop = new AbortController();
  const pipeline = await toyPipeline(
    {
      model: { use: 'mlp', hidden: [4] },
      checkpoints: { everySteps: 2, keep: 3 },
      evaluation: { select: 'validation', lastEpochs: 2 },
      ...changes,
    },
    { samples: 20 },
  );
  const started = run(pipeline, { ...options, signal: stop.signal });
  const watch = ({ sequence }: RunEvent): boolean => {
    if (sequence >= until && !leave) stop.abort('enough');
    return !(leave && sequence >= until);
  };
  const events = await lastValueFrom(started.pipe(takeWhile(watch, true), toArray()));
  await started.closed;
  return events;
}

/** The folder that a run's first event names. */
export const directoryOf = ([first]: readonly RunEvent[]): string =>
  (first as Extract<RunEventBody, { type: 'run:start' }>).directory!;
