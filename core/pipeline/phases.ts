import { setImmediate } from 'node:timers/promises';
import { concat, concatMap, defer, EMPTY, from, ignoreElements, last, map, of, scan, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Variables } from '../autodiff/index.js';
import { AuxflowError, RunError } from '../errors/index.js';
import { pull } from '../events/index.js';
import type { Evaluation, RunEventBody } from '../events/index.js';
import type { Pass, Split, Step, StepPosition } from '../stages/index.js';
import { addScores, batches, EpochMeter, evaluateBatch, Walk } from '../training/index.js';
import type { Drawn } from '../training/index.js';
import type { Composition } from './compose.js';

type Events = Observable<RunEventBody>;
export type EvaluateEnd = Extract<RunEventBody, { type: 'evaluate:end' }>;

/** Samples per evaluation batch at least; larger ones gain nothing. */
const evaluationBatch = 250;

/** `phase`, unless the run was asked to stop by the time its turn comes. */
export const unlessAborted = (signal: AbortSignal, phase: () => Events): Events =>
  defer(() => (signal.aborted ? EMPTY : phase()));

/** The strategy's own work before the first epoch, such as fitting clusters. */
export function prepare(composition: Composition, signal: AbortSignal): Events {
  const { labels, pipeline, clock } = composition;
  const stage = pipeline.stages.auxiliary.use;
  return defer(() => {
    const work = labels.prepare?.();
    if (!work) return EMPTY;
    const started = clock();
    return concat(
      of<RunEventBody>({ type: 'prepare:start', stage }),
      from(stoppable(work, composition, signal)).pipe(
        map((progress): RunEventBody => ({ type: 'prepare:progress', stage, ...progress })),
      ),
      unlessAborted(signal, () => of({ type: 'prepare:end', stage, durationMs: clock() - started })),
    );
  });
}

/** One epoch: its passes in turn, the validation score, and the epoch's metrics. */
export function epoch(composition: Composition, passes: readonly Pass[], number: number, signal: AbortSignal): Events {
  const { pipeline, dataset, labels, labelWatch, state, clock } = composition;
  return defer(() => {
    const started = clock();
    const meter = new EpochMeter(labels.head?.psi, dataset.levels[dataset.primary]!.classes);
    const { epochs, evaluation } = pipeline;
    const end = (): RunEventBody => {
      state.epoch = number;
      const { labelUse } = meter;
      const durationMs = clock() - started;
      return {
        type: 'epoch:end',
        epoch: number,
        epochs,
        metrics: meter.metrics,
        ...(labelUse && { labelUse }),
        durationMs,
      };
    };
    return concat(
      of<RunEventBody>({ type: 'epoch:start', epoch: number, epochs }),
      defer(async () => labels.epochStart?.(number)).pipe(ignoreElements()),
      ...passes.map((pass) => unlessAborted(signal, () => runPass(composition, pass, number, meter, signal))),
      unlessAborted(signal, () =>
        concat(
          dataset.validation
            ? evaluate(composition, 'validation', dataset.validation, number).pipe(
                tap((event) => {
                  meter.addValidation(event);
                  if (evaluation.select === 'validation') state.best.offer(number, event, () => state.theta1.hold());
                }),
              )
            : EMPTY,
          number < epochs && number > epochs - evaluation.lastEpochs
            ? evaluate(composition, 'test', dataset.test, number)
            : EMPTY,
          defer(() => of(end())),
          defer(() => from(labelWatch.see(meter.labelUse))),
        ),
      ),
    );
  });
}

/** One walk over the training split in an order of its own: every batch takes one step. */
function runPass(composition: Composition, pass: Pass, number: number, meter: EpochMeter, signal: AbortSignal): Events {
  const { dataset, state, random, clock } = composition;
  const { epochs, scheduleEpochs = epochs } = composition.pipeline;
  const walk = new Walk(dataset, random, pass.name, number);
  const { steps } = walk;
  let step = 0;

  const take = (work: Step, { batch, draw }: Drawn): RunEventBody[] => {
    const started = clock();
    const finished = number - 1 + (step - 1) / steps;
    const position = { epoch: (finished * scheduleEpochs) / epochs, epochs: scheduleEpochs, pass: pass.name, step };
    const measurements = attempt(number, position, () => work(state, batch, position, draw));
    const common = { epoch: number, pass: pass.name, step, steps, samples: batch.size, durationMs: clock() - started };
    const events = measurements.map((measurement) => ({ ...common, ...measurement }));
    for (const event of events) meter.add(event, event.samples);
    return events;
  };
  /** What the last step left to a batch that this pass doesn't reach is done with that batch all the same. */
  const settle = (work: Step): RunEventBody[] => {
    using next = walk.at(step);
    return take(work, next);
  };
  return concat(
    pull(
      () => whileWanted(walk.from(), signal),
      (drawn) => {
        step++;
        return take(pass.step, drawn);
      },
    ),
    pass.settle ? defer(() => (step > 0 ? of(settle(pass.settle!)) : EMPTY)) : EMPTY,
  ).pipe(concatMap((events) => from(events)));
}

/**
 * Scores a split with running statistics; accuracy and loss are means over its samples.
 * @param variables borrowed; theta1 as it is then by default.
 */
export function evaluate(
  composition: Composition,
  name: Evaluation['split'],
  split: Split,
  number: number,
  variables?: Variables,
): Observable<EvaluateEnd> {
  const { dataset, network, objective, state, clock } = composition;
  return defer(() => {
    const started = clock();
    return pull(
      () => batches(dataset, split, { batch: Math.max(evaluationBatch, dataset.batch) }),
      (batch) => evaluateBatch(network, variables ?? state.theta1.variables, objective, batch),
    ).pipe(
      scan(addScores),
      last(),
      map(({ samples, loss, correct }) => ({
        type: 'evaluate:end' as const,
        epoch: number,
        split: name,
        samples,
        primaryLoss: loss / samples,
        primaryAccuracy: correct / samples,
        durationMs: clock() - started,
      })),
    );
  });
}

/** Draws on only while the run is wanted. */
function* whileWanted<T>(items: Iterable<T>, signal: AbortSignal): Iterable<T> {
  const iterator = items[Symbol.iterator]();
  try {
    for (let next = iterator.next(); !next.done && !signal.aborted; next = iterator.next()) yield next.value;
  } finally {
    iterator.return?.();
  }
}

/** Draws until the run is asked to stop; the composition stays busy until the work has ended, even if nobody listens. */
async function* stoppable<T>(
  items: AsyncIterable<T> | Iterable<T>,
  composition: Composition,
  signal: AbortSignal,
): AsyncIterable<T> {
  let idle = (): void => undefined;
  composition.busy = new Promise((resolve) => (idle = resolve));
  try {
    for await (const item of items) {
      yield item;
      await setImmediate();
      if (signal.aborted) return;
    }
  } finally {
    idle();
  }
}

/** What a plugin throws without saying where gets the place it happened at. */
function attempt<T>(epoch: number, { pass, step }: StepPosition, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AuxflowError) throw error;
    const place = `step ${step} of the ${pass} pass in epoch ${epoch}`;
    throw new RunError('run/step-failed', `${place}: ${error instanceof Error ? error.message : String(error)}`, {
      stage: pass,
      cause: error,
    });
  }
}
