import { setImmediate } from 'node:timers/promises';
import { concat, defer, EMPTY, from, ignoreElements, last, map, of, repeat, scan, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import type { Variables } from '../autodiff/index.js';
import { AuxflowError, RunError } from '../errors/index.js';
import { pull } from '../events/index.js';
import type { Evaluation, RunEventBody } from '../events/index.js';
import type { Batch, Pass, Split, Step, StepPosition } from '../stages/index.js';
import {
  addTallied,
  batches,
  evaluateBatch,
  evaluationBatch,
  firstNonFinite,
  hugeWeight,
  nonFiniteWeight,
  refuseNonFiniteWeights,
  scored,
  Walk,
} from '../training/index.js';
import type { Drawn } from '../training/index.js';
import { occupied } from './compose.js';
import type { Composition } from './compose.js';
import { failure } from './failure.js';
import type { Within } from './progress.js';
import { scores } from './tally.js';

type Events = Observable<RunEventBody>;
export type EvaluateEnd = Extract<RunEventBody, { type: 'evaluate:end' }>;

/** Steps of a pass after which weights are looked at: a ReLU can hide from the losses that they are NaN. */
const weightsEvery = 20;

/** `phase`, unless the run was asked to stop by the time its turn comes. */
export const unlessAborted = (signal: AbortSignal, phase: () => Events): Events =>
  defer(() => (signal.aborted ? EMPTY : phase()));

/**
 * The strategy's own work before the first epoch, such as fitting clusters.
 * @param save keeps what came of it
 */
export function prepare(composition: Composition, signal: AbortSignal, save: () => Events): Events {
  const { labels, pipeline, progress, clock } = composition;
  const stage = pipeline.stages.auxiliary.use;
  return defer(() => {
    const work = progress.prepared ? undefined : labels.prepare?.();
    if (!work) return EMPTY;
    const started = clock();
    return concat(
      of<RunEventBody>({ type: 'prepare:start', stage }),
      from(stoppable(work, composition, signal)).pipe(
        map((done): RunEventBody => ({ type: 'prepare:progress', stage, ...done })),
      ),
      unlessAborted(signal, () => {
        progress.prepared = true;
        return concat(of<RunEventBody>({ type: 'prepare:end', stage, durationMs: clock() - started }), defer(save));
      }),
    );
  });
}

/**
 * One epoch, or what is left of it: its passes in turn, the validation score, and the epoch's metrics.
 * @param pause what is done wherever a run's `checkpoints.everySteps` interrupts a pass
 */
export function epoch(
  composition: Composition,
  passes: readonly Pass[],
  signal: AbortSignal,
  pause: () => Events,
): Events {
  const { pipeline, dataset, labels, labelWatch, state, progress, clock } = composition;
  return defer(() => {
    const started = clock();
    const number = state.epoch + 1;
    const begun = progress.within !== undefined;
    const at = progress.enter();
    const { meter } = at;
    const { epochs, evaluation } = pipeline;
    const end = (): RunEventBody => {
      state.epoch = number;
      progress.within = undefined;
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
      begun
        ? EMPTY
        : concat(
            of<RunEventBody>({ type: 'epoch:start', epoch: number, epochs }),
            defer(async () => labels.epochStart?.(number)).pipe(ignoreElements()),
          ),
      ...passes
        .slice(at.pass)
        .map((pass) => unlessAborted(signal, () => runPass(composition, pass, at, signal, pause))),
      unlessAborted(signal, () =>
        concat(
          dataset.validation
            ? evaluate(composition, 'validation', dataset.validation, number).pipe(
                tap((event) => {
                  meter.addValidation(event);
                  if (evaluation.select === 'validation')
                    state.best.offer(number, scores(event), () => state.theta1.hold());
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

/**
 * One walk over the training split in an order of its own, from the step that `at` says: every batch takes one step. It
 * pauses at every n-th for a checkpoint; what the last step before a pause left to its successor is settled then.
 */
function runPass(composition: Composition, pass: Pass, at: Within, signal: AbortSignal, pause: () => Events): Events {
  const { dataset, state, random, clock } = composition;
  const { epochs, scheduleEpochs = epochs, checkpoints } = composition.pipeline;
  const number = state.epoch + 1;
  const walk = new Walk(dataset, random, pass.name, number);
  const { steps } = walk;

  const take = (work: Step, { batch, draw }: Drawn): RunEventBody[] => {
    const { step } = at;
    const started = clock();
    const finished = number - 1 + (step - 1) / steps;
    const position = { epoch: (finished * scheduleEpochs) / epochs, epochs: scheduleEpochs, pass: pass.name, step };
    const measurements = attempt(composition, number, position, batch, () => work(state, batch, position, draw));
    const common = { epoch: number, pass: pass.name, step, steps, samples: batch.size, durationMs: clock() - started };
    const events = measurements.map((measurement) => ({ ...common, ...measurement }));
    for (const event of events) at.meter.add(event, event.samples);
    if (step % weightsEvery === 0)
      refuseNonFiniteWeights(state, `after step ${step} of the ${pass.name} pass in epoch ${number}`);
    return events;
  };
  const settle = (work: Step): RunEventBody[] => {
    using next = walk.at(at.step);
    return take(work, next);
  };
  const every = checkpoints.everySteps || steps;
  let first = at.step;
  const stretch = defer(() => {
    first = at.step;
    const end = Math.min(steps, (Math.floor(first / every) + 1) * every);
    return concat(
      pull(
        () => whileWanted(walk.from(first, end), signal),
        (drawn) => {
          at.step++;
          return take(pass.step, drawn);
        },
      ),
      pass.settle ? defer(() => (at.step > first ? settle(pass.settle!) : EMPTY)) : EMPTY,
    );
  });
  const due = (): boolean => at.step > first && at.step < steps && at.step % every === 0;
  return concat(
    concat(
      stretch,
      defer(() => (due() ? pause() : EMPTY)),
    ).pipe(repeat({ delay: () => (at.step < steps && !signal.aborted ? of(true) : EMPTY) })),
    defer(() => {
      if (at.step === steps) Object.assign(at, { pass: at.pass + 1, step: 0 });
      return EMPTY;
    }),
  );
}

/**
 * Scores a split with running statistics, over its samples.
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
      () => batches(dataset, split, { batch: evaluationBatch(dataset) }),
      (batch) => [evaluateBatch(network, variables ?? state.theta1.variables, objective, batch)],
    ).pipe(
      scan(addTallied),
      last(),
      map((tallied) => ({
        type: 'evaluate:end' as const,
        epoch: number,
        split: name,
        ...scored(dataset, tallied),
        durationMs: clock() - started,
      })),
    );
  });
}

/** Draws on only while the run is wanted. */
function* whileWanted<T>(items: Iterable<T>, signal: AbortSignal): Iterable<T> {
  const iterator = items[Symbol.iterator]();
  try {
    while (!signal.aborted) {
      const next = iterator.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    iterator.return?.();
  }
}

/** Draws until the run is asked to stop; the composition stays occupied until the work has ended. */
async function* stoppable<T>(
  items: AsyncIterable<T> | Iterable<T>,
  composition: Composition,
  signal: AbortSignal,
): AsyncIterable<T> {
  let idle = (): void => undefined;
  void occupied(composition, new Promise<void>((resolve) => (idle = resolve)));
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

/**
 * What a plugin throws without saying where gets the place it happened at; what isn't finite, the layer where that began.
 */
function attempt<T>(
  { state }: Composition,
  epoch: number,
  { pass, step }: StepPosition,
  { inputs }: Batch,
  work: () => T,
): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RunError && error.code === 'run/non-finite') {
      const input = firstNonFinite({ inputs });
      const found =
        input === undefined ? (nonFiniteWeight(state) ?? hugeWeight(state)) : `a value of the batch's ${input}`;
      if (found === undefined) throw error;
      const { hint, stage } = error;
      throw new RunError(error.code, `${error.message}; ${found}`, {
        cause: error,
        ...(hint !== undefined && { hint }),
        ...(stage !== undefined && { stage }),
      });
    }
    if (error instanceof AuxflowError) throw error;
    throw failure('run/step-failed', `step ${step} of the ${pass} pass in epoch ${epoch}`, error, pass);
  }
}
