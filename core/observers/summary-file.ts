import { join } from 'node:path';
import { writeAtomically } from '../checkpoint/index.js';
import type { EngineInfo } from '../engine/index.js';
import type { ErrorReport } from '../errors/index.js';
import type { EpochMetrics, RunEvent, Summary } from '../events/index.js';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';

/** What is known of a run that didn't finish: `epochs` are the finished ones, `metrics` the last one's. */
interface Unfinished {
  readonly name?: string;
  readonly seed?: number;
  readonly strategy?: string;
  readonly parameters?: number;
  readonly epochs: number;
  readonly metrics?: EpochMetrics;
  readonly durationMs: number;
}

/** Contents of `summary.json`. */
export type SummaryFile = (
  | (Summary & { readonly status: 'finished' })
  | (Unfinished & { readonly status: 'stopped'; readonly reason: string })
  | (Unfinished & { readonly status: 'failed'; readonly error: ErrorReport })
) & {
  /** What the run computed with, as its `run:start` tells it. */
  readonly engine?: EngineInfo;
};

/** Writes `summary.json` when the run is over: finished, stopped or failed. */
export function summaryFile(directory: string): Observer {
  return {
    name: 'summary-file',
    async observe(events) {
      let first: RunEvent | undefined;
      let partial: Unfinished = { epochs: 0, durationMs: 0 };
      let summary: SummaryFile | undefined;
      let engine: EngineInfo | undefined;
      await follow(events, (event) => {
        first ??= event;
        partial = { ...partial, durationMs: event.time - first.time };
        if (event.type === 'run:start') {
          const { name, seed, strategy, parameters } = event;
          partial = { name, seed, strategy, parameters, ...partial };
          ({ engine } = event);
        } else if (event.type === 'epoch:end') {
          partial = { ...partial, epochs: event.epoch, metrics: event.metrics };
        } else if (event.type === 'run:end') {
          summary = { status: 'finished', ...event.summary };
        } else if (event.type === 'run:stopped') {
          summary = { status: 'stopped', reason: event.reason, ...partial, durationMs: event.durationMs };
        } else if (event.type === 'run:failed') {
          summary = { status: 'failed', error: event.error, ...partial, durationMs: event.durationMs };
        }
      });
      summary ??= { status: 'stopped', reason: 'unsubscribed', ...partial };
      await writeAtomically(join(directory, 'summary.json'), [`${JSON.stringify({ ...summary, engine }, null, 2)}\n`]);
    },
  };
}
