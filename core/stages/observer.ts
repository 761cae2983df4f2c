import type { ServiceIdentifier } from 'inversify';
import type { Observable } from 'rxjs';
import type { RunEvent } from '../events/index.js';

/** Watches a run. It may fail without harm: what it throws becomes one `listener:error` event. */
export interface Observer {
  readonly name: string;
  /**
   * Attaches to a run's events before the first one. Completing, erroring or throwing ends this observer alone.
   * @returns settles when everything is written; the run waits for it after the last event.
   */
  observe(events: Observable<RunEvent>): Promise<void>;
  /** Writes down what is held back of the events so far; a checkpoint waits for it, since it counts on them. */
  flush?(): Promise<void> | void;
}
export const Observer: ServiceIdentifier<Observer> = Symbol.for('auxflow/Observer');
