import { Observable } from 'rxjs';

/**
 * Takes items from `source` one at a time through `step`, and emits each of its results: the next item is drawn only when
 * the step before is finished and the event loop has had a turn, so that memory stays constant and signals get through a
 * busy engine.
 *
 * Cold. A disposable item is disposed after its step. Unsubscribing lets a running step finish, draws no more and ends
 * the iterator, so that a generator's `finally` and `using` run; what `source` or `step` throws errors the stream.
 * @example pull(() => batches(), (batch) => [train(batch)]).subscribe({ next: console.log, complete: nextPass })
 */
export function pull<T, R>(
  source: Iterable<T> | (() => Iterable<T>),
  step: (item: T) => Iterable<R> | Promise<Iterable<R>>,
): Observable<R> {
  return new Observable<R>((subscriber) => {
    const items = (typeof source === 'function' ? source() : source)[Symbol.iterator]();
    let turn: NodeJS.Immediate | undefined = setImmediate(() => void advance());

    async function advance(): Promise<void> {
      turn = undefined;
      let open = false; // an iterator that ends or throws by itself is closed already
      try {
        const drawn = items.next();
        if (drawn.done) {
          subscriber.complete();
          return;
        }
        open = true;
        try {
          if (!subscriber.closed) for (const result of await step(drawn.value)) subscriber.next(result);
        } finally {
          if (isDisposable(drawn.value)) drawn.value[Symbol.dispose]();
        }
        if (!subscriber.closed) turn = setImmediate(() => void advance());
        else {
          open = false;
          items.return?.();
        }
      } catch (error) {
        if (open) endQuietly(items);
        subscriber.error(error);
      }
    }

    return () => {
      if (!turn) return; // a step is running and closes the iterator when it's done
      clearImmediate(turn);
      items.return?.();
    };
  });
}

/** As in `for of`, the step's error outweighs one from the iterator's end. */
function endQuietly(items: Iterator<unknown>): void {
  try {
    items.return?.();
  } catch {
    return;
  }
}

const isDisposable = (item: unknown): item is Disposable =>
  typeof item === 'object' && item !== null && Symbol.dispose in item;
