import { setImmediate } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { reportError, type ErrorReport } from '../errors/index.js';
import type { RunEvent } from '../events/index.js';
import { attach } from '../observers/index.js';
import type { Observer } from '../stages/index.js';

/** What came of a replay. */
export interface Replayed {
  readonly events: number;
  /** Observers that threw or rejected, and heard no more. */
  readonly failed: readonly { readonly observer: string; readonly error: ErrorReport }[];
}

/** Events after which the event loop has a turn, so that observers that send can do so. */
const turn = 64;

/**
 * Feeds recorded events to observers as a run does: frozen, each to all before the next. Settles when they have written
 * everything; none can harm another.
 * @param signal aborting it leaves out the rest
 */
export async function replay(
  events: AsyncIterable<RunEvent>,
  observers: readonly Observer[],
  signal?: AbortSignal,
): Promise<Replayed> {
  const source = new Subject<RunEvent>();
  const failed: Replayed['failed'][number][] = [];
  const attached = observers.map((one) =>
    attach(one, source, (observer, error) => failed.push({ observer, error: reportError(error) })),
  );
  let count = 0;
  try {
    for await (const event of events) {
      if (signal?.aborted) break;
      source.next(Object.freeze(event));
      if (++count % turn === 0) await setImmediate();
    }
    for (const { flush } of attached) await flush();
  } finally {
    source.complete();
    await Promise.all(attached.map(({ finish }) => finish()));
  }
  return { events: count, failed };
}
