import { pino } from 'pino';
import type { Observable, Subscriber } from 'rxjs';
import { Checkpoints, createRunFolder, lockRun } from '../checkpoint/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { IsolatedObservable } from '../events/index.js';
import { Scope } from '../engine/index.js';
import type { RunEvent } from '../events/index.js';
import { configFile, eventLog, metricsTable, summaryFile } from '../observers/index.js';
import type { Observer } from '../stages/index.js';
import { Broadcast } from './broadcast.js';
import type { RunRecord } from './checkpoint.js';
import { compose } from './compose.js';
import type { ComposeOptions } from './compose.js';
import { asFailure } from './failure.js';
import { reopen, restore } from './resume.js';
import { passesOf, script } from './script.js';

export interface RunOptions extends ComposeOptions {
  /**
   * Aborting stops gracefully: the step is finished, a checkpoint and the weights are saved, `run:stopped` is the last event;
   * or `run:failed`, where the reason is an error of auxflow's own, such as a RunError.
   */
  readonly signal?: AbortSignal;
  /** Attached beside the ones that the pipeline names. */
  readonly observers?: readonly Observer[];
  /** Milliseconds that the run waits for an observer which finishes, or writes down what it holds back; 60,000 by default. */
  readonly patience?: number;
  /** Whether to make a run folder and write the record of the run into it; true by default. */
  readonly record?: boolean;
  /**
   * Folder of a run to go on with, from its last checkpoint: it ends as if it had never paused. The stream begins with what
   * was recorded, steps left out; `run:start` says up to where.
   */
  readonly resume?: string;
  /** Go on although keys have changed that aren't safe to change. */
  readonly force?: boolean;
}

/**
 * A pipeline's events: cold, so each subscription is a run of its own, with a folder and a scope of its own.
 *
 * Unsubscribing stops at the next step and frees everything, without saving; an AbortSignal stops gracefully. A listener that
 * throws is reported as `listener:error` and harms nobody; a throw in an operator of your own ends your subscription, and so
 * the run.
 * @example run(pipeline).pipe(filter(isEvent('epoch:end'))).subscribe(({ epoch, metrics }) => console.log(epoch, metrics))
 */
export class Run extends IsolatedObservable<RunEvent> {
  private readonly active = new Set<Promise<void>>();

  /** @param pipeline validated, or loaded when a run starts: then a fault in it fails the run */
  constructor(pipeline: ResolvedPipeline | (() => Promise<ResolvedPipeline>), options: RunOptions = {}) {
    super((subscriber) => {
      const { teardown, closed } = start(
        typeof pipeline === 'function' ? pipeline : async () => pipeline,
        options,
        subscriber,
      );
      this.active.add(closed);
      void closed.then(() => this.active.delete(closed));
      return teardown;
    });
  }

  /** Settles when every run started from here has ended and is freed, its observers finished. */
  get closed(): Promise<void> {
    return Promise.all(this.active).then(() => undefined);
  }
}

/** A validated pipeline's run; nothing happens before someone subscribes. */
export const run = (pipeline: ResolvedPipeline, options?: RunOptions): Run => new Run(pipeline, options);

interface Started {
  readonly teardown: () => void;
  readonly closed: Promise<void>;
}

function start(load: () => Promise<ResolvedPipeline>, options: RunOptions, subscriber: Subscriber<RunEvent>): Started {
  const clock = options.clock ?? (() => performance.now());
  const logger = options.logger ?? pino({ level: 'silent' });
  const { signal = new AbortController().signal, record = true } = options;
  const began = clock();
  const broadcast = new Broadcast(subscriber, logger, options.patience);
  options.observers?.forEach((observer) => broadcast.attach(observer));

  /** Ends the script early; the composition is freed when what is at work has finished. */
  const leave = new AbortController();
  const hasLeft = (): boolean => leave.signal.aborted;
  const owned = new Scope();
  let epoch = 0;
  let kept: RunRecord | undefined;

  const work = async (): Promise<void> => {
    const pipeline = await load();
    const { resume, force = false } = options;
    const resumed = resume === undefined ? undefined : await reopen(resume, pipeline, force, owned);
    using composition = await compose(pipeline, { logger, clock });
    if (hasLeft()) return;
    const directory = resumed?.directory ?? (record ? await createRunFolder(pipeline.runs, pipeline.name) : undefined);
    if (directory !== undefined) {
      if (!resumed) owned.own(await lockRun(directory));
      const checkpoints = resumed?.checkpoints ?? new Checkpoints(directory, pipeline.checkpoints.keep);
      kept = { directory, checkpoints, flush: () => broadcast.flush(), sequence: () => broadcast.sequence };
    }
    const passes = passesOf(composition);
    const restored = resumed?.checkpoint && (await restore(resumed, resumed.checkpoint, composition, passes));
    ({ epoch } = composition.state);
    if (directory !== undefined)
      recorders(directory, restored?.sequence).forEach((observer) => broadcast.attach(observer));
    composition.observers.forEach((observer) => broadcast.attach(observer));
    if (restored) {
      broadcast.replay(restored.history);
      broadcast.sequence = restored.sequence;
    }
    for (const warning of restored?.warnings ?? []) broadcast.emit(warning);
    await drain(script(composition, passes, signal, kept, restored), leave.signal, (event) => {
      if (event.type === 'epoch:end') ({ epoch } = event);
      broadcast.emit(event);
    });
    await composition.busy;
    // Observers may look at the stages once more.
    if (!hasLeft()) await broadcast.close();
  };
  const tell = (end: (durationMs: number, checkpoint?: string) => Promise<void>): Promise<void> =>
    end(clock() - began, kept?.checkpoints.last);
  const abandon = (): Promise<void> => tell((...how) => broadcast.abandon(epoch, ...how));
  const ended = work()
    .then(
      () => (hasLeft() ? abandon() : broadcast.complete()),
      (error: unknown) => (hasLeft() ? abandon() : tell((...how) => broadcast.fail(asFailure(error), ...how))),
    )
    .finally(() => owned[Symbol.dispose]());
  return { closed: ended, teardown: () => leave.abort() };
}

/** The record of a run: what was asked for, what happened, and what came of it. */
const recorders = (directory: string, from?: number): Observer[] => [
  configFile(directory),
  eventLog(directory, from),
  metricsTable(directory),
  summaryFile(directory),
];

/** Settles when `source` has ended or `leave` is aborted, which unsubscribes. */
const drain = <T>(source: Observable<T>, leave: AbortSignal, next: (value: T) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const subscription = source.subscribe({ next, error: reject, complete: resolve });
    const stop = (): void => {
      subscription.unsubscribe();
      resolve();
    };
    if (leave.aborted) stop();
    else leave.addEventListener('abort', stop, { once: true });
  });
