import { Subject } from 'rxjs';
import type { Subscriber } from 'rxjs';
import { reportError } from '../errors/index.js';
import { deliver } from '../events/index.js';
import type { RunEvent, RunEventBody } from '../events/index.js';
import { attach, type Attached } from '../observers/index.js';
import type { Logger, Observer } from '../stages/index.js';

const lastTypes: ReadonlySet<RunEvent['type']> = new Set(['run:end', 'run:stopped', 'run:failed']);

/**
 * Hands one run's events to its observers and to its subscriber, stamped and frozen, each to all before the next.
 * What a listener throws becomes one `listener:error`; after the run's last event it goes to the log instead.
 */
export class Broadcast {
  private readonly events = new Subject<RunEvent>();
  private readonly watching: Attached[] = [];
  private readonly queue: RunEventBody[] = [];
  private readonly output;
  private draining = false;
  private ended = false;
  private closed: Promise<void> | undefined;
  /** Of the next event. */
  sequence = 0;

  constructor(
    subscriber: Subscriber<RunEvent>,
    private readonly logger: Logger,
    private readonly patience?: number,
  ) {
    this.output = deliver(subscriber, (error) => this.report('subscriber', error));
  }

  attach(observer: Observer): void {
    const report = (listener: string, error: unknown): void => this.report(listener, error);
    this.watching.push(attach(observer, this.events, report, { patience: this.patience }));
  }

  emit(body: RunEventBody): void {
    this.queue.push(body);
    if (this.draining) return;
    this.draining = true;
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      if (this.ended) continue;
      this.ended = lastTypes.has(next.type);
      this.send({ ...next, sequence: this.sequence++, time: Date.now() });
    }
    this.draining = false;
  }

  /** Tells recorded events once more, as they were. */
  replay(events: readonly RunEvent[]): void {
    for (const event of events) this.send(event);
  }

  /** Has the observers write down what they hold back. */
  async flush(): Promise<void> {
    for (const watching of this.watching) await watching.flush();
  }

  /** After the last event: lets the observers finish, then completes. */
  async complete(): Promise<void> {
    await this.close();
    this.output.complete();
  }

  /** Says why the run failed as its last event, lets the observers finish, then errors. */
  async fail(error: unknown, durationMs: number, checkpoint?: string): Promise<void> {
    const from = checkpoint === undefined ? {} : { checkpoint };
    this.emit({ type: 'run:failed', error: reportError(error), ...from, durationMs });
    await this.close();
    this.output.error(error);
  }

  /** The subscriber has left: the observers hear that the run stopped. */
  async abandon(epoch: number, durationMs: number, checkpoint?: string): Promise<void> {
    const from = checkpoint === undefined ? {} : { checkpoint };
    this.emit({ type: 'run:stopped', reason: 'unsubscribed', epoch, ...from, durationMs });
    await this.close();
  }

  private send(event: RunEvent): void {
    Object.freeze(event);
    this.events.next(event);
    this.output.next(event);
  }

  /** The observers' events complete; settles when they have finished. Later calls wait for the same. */
  close(): Promise<void> {
    this.events.complete();
    this.closed ??= Promise.all(this.watching.map((watching) => watching.finish())).then(() => undefined);
    return this.closed;
  }

  private report(listener: string, error: unknown): void {
    if (this.ended) this.logger.warn({ listener, err: error }, 'a listener failed after the run had ended');
    else this.emit({ type: 'listener:error', listener, error: reportError(error) });
  }
}
