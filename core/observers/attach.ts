import { setTimeout } from 'node:timers/promises';
import { catchError, EMPTY, Subject, takeUntil, type Observable } from 'rxjs';
import { RunError } from '../errors/index.js';
import { inChargeOf, isolate, type RunEvent } from '../events/index.js';
import type { Observer } from '../stages/index.js';

/** An observer at work; what it is asked for never rejects. */
export interface Attached {
  /** After the last event: settles when the observer has written everything, has failed, or has taken too long. */
  finish(): Promise<void>;
  /** Has it write down what it holds back. */
  flush(): Promise<void>;
}

/** How long a run waits for an observer that writes down what it has. */
const patienceMs = 60_000;

/**
 * Attaches an observer so that nothing it does reaches the run. Its first throw or rejection is reported, under its name, and
 * ends its events. A `flush` that fails is reported once, and tried again; one that takes too long isn't asked for again.
 * The observer learns of a failed run by `run:failed`; then its events complete.
 */
export function attach(
  observer: Observer,
  events: Observable<RunEvent>,
  onError: (listener: string, error: unknown) => void,
  { patience = patienceMs } = {},
): Attached {
  const reported = new Set<string>();
  const report = (error: unknown): void => {
    const { message } = error instanceof Error ? error : new Error(String(error));
    if (reported.has(message)) return;
    reported.add(message);
    onError(observer.name, error);
  };
  const failed = new Subject<void>();
  const observed = new Promise<void>((resolve) => {
    let over = false;
    const fail = (error: unknown): void => {
      if (over) return;
      over = true;
      failed.next();
      report(error);
      resolve();
    };
    const own = isolate(
      events.pipe(
        catchError(() => EMPTY),
        takeUntil(failed),
      ),
      fail,
    );
    try {
      inChargeOf(fail, () => observer.observe(own)).then(resolve, fail);
    } catch (error) {
      fail(error);
    }
  });
  let late = false;
  /** Settles when `work` does, or when it has taken too long. */
  const inTime = async (work: Promise<void>, what: string): Promise<void> => {
    const settled = new AbortController();
    const { signal } = settled;
    const waited = setTimeout(patience, undefined, { signal }).then(
      () => {
        late = true;
        throw new RunError('run/observer-late', `it did not ${what} within ${patience / 1000} seconds`);
      },
      () => undefined,
    );
    await Promise.race([work, waited]).catch(report);
    settled.abort();
  };
  return {
    finish: () => inTime(observed, 'finish after the last event'),
    flush: async () =>
      late
        ? undefined
        : inTime(
            inChargeOf(report, async () => observer.flush?.()),
            'flush',
          ),
  };
}
