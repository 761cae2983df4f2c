import { catchError, EMPTY, Subject, takeUntil, type Observable } from 'rxjs';
import { isolate, type RunEvent } from '../events/index.js';
import type { Observer } from '../stages/index.js';

/** An observer at work; neither promise ever rejects. */
export interface Attached {
  /** Settles when the observer has written everything, or has failed. */
  readonly finished: Promise<void>;
  /** Has it write down what it holds back. */
  flush(): Promise<void>;
}

/**
 * Attaches an observer so that nothing it does reaches the run. Its first throw or rejection is reported once, under
 * its name, and ends its events. It learns of a failed run by `run:failed`; then its events complete.
 */
export function attach(
  observer: Observer,
  events: Observable<RunEvent>,
  onError: (listener: string, error: unknown) => void,
): Attached {
  let report: (error: unknown) => void = () => undefined;
  const finished = new Promise<void>((resolve) => {
    const failed = new Subject<void>();
    let over = false;
    const fail = (report = (error: unknown) => {
      if (over) return;
      over = true;
      failed.next();
      onError(observer.name, error);
      resolve();
    });
    const own = isolate(
      events.pipe(
        catchError(() => EMPTY),
        takeUntil(failed),
      ),
      fail,
    );
    try {
      observer.observe(own).then(resolve, fail);
    } catch (error) {
      fail(error);
    }
  });
  const flush = async (): Promise<void> => {
    try {
      await observer.flush?.();
    } catch (error) {
      report(error);
    }
  };
  return { finished, flush };
}
