import { AsyncLocalStorage } from 'node:async_hooks';
import { Observable, Subscriber, throwError, type Observer, type Subscription } from 'rxjs';

/** What may be handed to `subscribe`. */
export type Listener<T> = Partial<Observer<T>> | ((value: T) => void) | null | undefined;

/** Receives what a listener threw, once per listener. */
export type OnListenerError = (error: unknown) => void;

/** Who hears of a throw, for as long as an event is being handled: across timers and promises too. */
const current = new AsyncLocalStorage<OnListenerError>();

/**
 * A listener whose throw, or rejected promise, reaches `onError` once and nobody else; from then on it hears of the end
 * alone, and the source goes on. (Plain RxJS rethrows in a timer, which ends the process.) An operator's subscriber comes back
 * as it is: a throw in an operator errors that operator's stream, as everywhere in RxJS.
 * @example source.subscribe(guardSubscriber((event) => draw(event), (error) => report('chart', error)))
 */
export function guardSubscriber<T>(listener: Listener<T>, onError: OnListenerError): Partial<Observer<T>> {
  if (listener instanceof Subscriber) return listener;
  const observer = typeof listener === 'function' ? { next: listener } : (listener ?? {});
  let detached = false;
  const detach = (error: unknown) => {
    if (detached) return;
    detached = true;
    try {
      onError(error);
    } catch (fault) {
      warn(fault);
    }
  };
  const notify = (call: () => unknown) => {
    try {
      const result = call();
      if (result instanceof Promise) result.catch(detach);
    } catch (error) {
      detach(error);
    }
  };
  return {
    next: (value) => notify(() => (detached ? undefined : observer.next?.(value))),
    error: (cause) => notify(() => (observer.error ? observer.error(cause) : detached || unhandled(cause))),
    complete: () => notify(() => observer.complete?.()),
  };
}

/**
 * An observable whose listeners can't harm it, nor the process: everything that subscribes to it, or to what is piped
 * from it, is guarded. A throw goes to the `onError` of the `deliver` whose event it was handling.
 *
 * A throw in an operator of the listener's own (`run.pipe(map(...))`) ends that subscription, and so unsubscribes.
 * @example new IsolatedObservable((subscriber) => source.subscribe(deliver(subscriber, report)))
 */
export class IsolatedObservable<T> extends Observable<T> {
  override subscribe(
    listener?: Listener<T>,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    const observer =
      typeof listener === 'object' && listener
        ? listener
        : { next: listener ?? undefined, error: error ?? undefined, complete: complete ?? undefined };
    return super.subscribe(guardSubscriber(observer, (fault) => (current.getStore() ?? warn)(fault)));
  }

  /* eslint-disable @typescript-eslint/no-deprecated -- the one way by which RxJS 7 lets `pipe` keep a subclass */
  override lift<R>(operator?: Parameters<Observable<T>['lift']>[0]): Observable<R> {
    const lifted = super.lift(operator) as Observable<R>;
    return new IsolatedObservable<R>((subscriber) => lifted.subscribe(subscriber));
  }
  /* eslint-enable @typescript-eslint/no-deprecated */
}

/** Hands what it is given on to `subscriber`; what an isolated listener throws meanwhile goes to `onError`. */
export const deliver = <T>(subscriber: Subscriber<T>, onError: OnListenerError): Observer<T> => ({
  next: (value) => current.run(onError, () => subscriber.next(value)),
  error: (cause) => current.run(onError, () => subscriber.error(cause)),
  complete: () => current.run(onError, () => subscriber.complete()),
});

/** Calls `work`; what it leaves behind, timers and promises, belongs to the listener that `onError` speaks for. */
export const inChargeOf = <T>(onError: OnListenerError, work: () => T): T => current.run(onError, work);

/**
 * For what the process catches in the end, a rejection or a throw in a timer: hands it to the listener whose doing it is.
 * @returns false where it is no listener's
 */
export function reportStray(error: unknown): boolean {
  const onError = current.getStore();
  onError?.(error);
  return onError !== undefined;
}

/**
 * `source` for listeners that mustn't harm it.
 * @example observer.observe(isolate(events, (error) => report(observer.name, error)))
 */
export const isolate = <T>(source: Observable<T>, onError: OnListenerError): Observable<T> =>
  new IsolatedObservable<T>((subscriber) => source.subscribe(deliver(subscriber, onError)));

/** A failed source that nobody handles stays fatal, as everywhere in RxJS. */
const unhandled = (cause: unknown) => throwError(() => cause).subscribe();

/** For a listener that throws outside any event. */
const warn = (fault: unknown) => process.emitWarning(fault instanceof Error ? fault : String(fault));
