import { lastValueFrom, takeWhile, toArray } from 'rxjs';
import type { ResolvedPipeline } from '../../core/config/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { run, type RunOptions } from '../../core/pipeline/index.js';

/** Where a run is broken off: stopped at an event, or left there as a killed one is. */
export interface Interruption extends RunOptions {
  readonly until?: number;
  readonly leave?: boolean;
}

/** Runs a pipeline until event `until`, where it is stopped or left; to its end without one. */
export async function interrupted(
  pipeline: ResolvedPipeline,
  { until = Infinity, leave = false, ...options }: Interruption,
): Promise<RunEvent[]> {
  const stop = new AbortController();
  const started = run(pipeline, { ...options, signal: stop.signal });
  const watch = ({ sequence }: RunEvent): boolean => {
    if (sequence >= until && !leave) stop.abort('enough');
    return !(leave && sequence >= until);
  };
  const events = await lastValueFrom(started.pipe(takeWhile(watch, true), toArray()));
  await started.closed;
  return events;
}
