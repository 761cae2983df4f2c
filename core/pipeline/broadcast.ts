import { Subject } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { reportError } from '../errors/index.js';
import { deliver } from '../events/index.js';
import type { RunEvent, RunEventBody } from '../events/index.js';
import { attach } from '../observers/index.js';
import type { Logger, Observer } from '../stages/index.js';

const lastTypes: ReadonlySet<RunEvent['type']> = new Set(['run:end', 'run:stopped', 'run:failed']);

/**
 * Hands one run's events to its observers and to its subscriber, stamped and frozen, each to all before the next.
 * What a listener throws becomes one `listener:error`; after the run's last event it goes to the log instead.
 */
export class Broadcast {
  private readonly events = new Subject<RunEvent>();
  private readonly watching: Promise<void>[] = [];
  private readonly queue: RunEventBody[] = [];
  private readonly output;
  private draining = false;
  private ended = false;
  private sequence = 0;

  constructor(
    subscriber: Subscriber<RunEvent>,
    private readonly logger: Logger,
  ) {
    this.output = deliver(subscriber, (error) => this.report('subscriber', error));
  }

  attach(observer: Observer): void {
    this.watching.push(attach(observer, this.events, (listener, error) => this.report(listener, error)));
  }

  emit(body: RunEventBody): void {
    this.queue.push(body);
    if (this.draining) return;
    this.draining = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      if (this.ended) continue;
      this.ended = lastTypes.has(next.type);
      const event = Object.freeze({ ...next, sequence: this.sequence++, time: Date.now() });
      this.events.next(event);
      this.output.next(event);
    }
    this.draining = false;
  }

  /** After the last event: lets the observers finish, then completes. */
  async complete(): Promise<void> {
    await this.close();
    this.output.complete();
  }

  /** Says why the run failed as its last event, lets the observers finish, then errors. */
  async fail(error: unknown, durationMs: number): Promise<void> {
    this.emit({ type: 'run:failed', error: reportError(error), durationMs });
    await this.close();
    this.output.error(error);
  }

  /** The subscriber has left: the observers hear that the run stopped. */
  async abandon(epoch: number, durationMs: number): Promise<void> {
    this.emit({ type: 'run:stopped', reason: 'unsubscribed', epoch, durationMs });
    await this.close();
  }

  private async close(): Promise<void> {
    this.events.complete();
    await Promise.all(this.watching);
  }

  private report(listener: string, error: unknown): void {
    if (this.ended) this.logger.warn({ listener, err: error }, 'a listener failed after the run had ended');
    else this.emit({ type: 'listener:error', listener, error: reportError(error) });
  }
}
