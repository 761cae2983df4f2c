import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, defer, EMPTY, from, of, repeat, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { countParams } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import { writeSafetensors } from '../checkpoint/index.js';
import { showPipeline } from '../config/index.js';
import type { Evaluation, RunEventBody, Summary } from '../events/index.js';
import type { Pass } from '../stages/index.js';
import { trainStep } from '../training/index.js';
import type { TrainState } from '../training/index.js';
import type { Composition } from './compose.js';
import { epoch, evaluate, prepare, unlessAborted } from './phases.js';

type Events = Observable<RunEventBody>;
type EpochEnd = Extract<RunEventBody, { type: 'epoch:end' }>;
/** What the weights of each tested epoch scored on the test split. */
type Tests = Map<number, Evaluation>;

/** The passes of an epoch: the ordinary training step as the meta-step arranges it. */
export function passesOf(composition: Composition): readonly Pass[] {
  const cosineEvery = composition.pipeline.gradientCosine;
  return composition.metaStep.passes({ train: trainStep({ ...composition, cosineEvery }), cosineEvery });
}

/** Everything that happens in a run, in order: preparation, the epochs, the weights, the test score. */
export function script(composition: Composition, signal: AbortSignal, directory: string | undefined): Events {
  const { pipeline, clock } = composition;
  return defer(() => {
    const passes = passesOf(composition);
    const ends: EpochEnd[] = [];
    const tests: Tests = new Map();
    const collect = (event: RunEventBody): void => {
      if (event.type === 'epoch:end') ends.push(event);
      if (event.type === 'evaluate:end' && event.split === 'test') tests.set(event.epoch, scores(event));
    };
    const started = clock();
    return concat(
      of(runStart(composition, passes, directory)),
      from(warnings(composition)),
      unlessAborted(signal, () => prepare(composition, signal)),
      unlessAborted(signal, () => epoch(composition, passes, composition.state.epoch + 1, signal)).pipe(
        repeat({ count: pipeline.epochs, delay: () => (signal.aborted ? EMPTY : of(true)) }),
      ),
      directory === undefined ? EMPTY : defer(() => saveWeights(composition, directory)),
      unlessAborted(signal, () =>
        concat(
          finalTests(composition, tests),
          defer(() => of(runEnd(composition, ends, tests, clock() - started))),
        ),
      ),
      defer(() => (signal.aborted ? of(stopped(composition, signal, clock() - started)) : EMPTY)),
    ).pipe(tap(collect));
  });
}

function runStart(
  { pipeline, dataset, state }: Composition,
  passes: readonly Pass[],
  directory?: string,
): RunEventBody {
  return {
    type: 'run:start',
    name: pipeline.name,
    seed: pipeline.seed,
    ...(directory === undefined ? {} : { directory }),
    config: showPipeline(pipeline),
    strategy: pipeline.stages.auxiliary.use,
    epochs: pipeline.epochs,
    trainSamples: dataset.train.size,
    parameters: countParams(state.theta1.variables.params),
    passes: passes.map(({ name }) => ({ name, steps: Math.ceil(dataset.train.size / dataset.batch) })),
  };
}

/** Stages that the pipeline names but that have nothing to do. */
const warnings = ({ metaStep }: Composition): RunEventBody[] =>
  metaStep.idle ? [{ type: 'warning', code: 'meta-step/idle', message: metaStep.idle }] : [];

/** The weights of the last epoch are tested, and those that validation has selected, unless their epoch is tested already. */
function finalTests(composition: Composition, tests: Tests): Events {
  const { dataset, pipeline, state } = composition;
  const test = (epoch: number, variables?: Variables): Events =>
    evaluate(composition, 'test', dataset.test, epoch, variables);
  return concat(
    test(pipeline.epochs),
    defer(() => {
      const best = state.best.scored;
      return best && !tests.has(best.epoch) ? test(best.epoch, best.variables) : EMPTY;
    }),
  );
}

const stopped = ({ state }: Composition, signal: AbortSignal, durationMs: number): RunEventBody => ({
  type: 'run:stopped',
  reason: signal.reason instanceof Error ? signal.reason.message : String(signal.reason),
  epoch: state.epoch,
  durationMs,
});

function runEnd(
  { pipeline, state }: Composition,
  ends: readonly EpochEnd[],
  tests: Tests,
  durationMs: number,
): RunEventBody {
  const { epochs, evaluation } = pipeline;
  const { metrics, labelUse } = ends.at(-1)!;
  const cosines = ends.flatMap((end) => end.metrics.gradientCosine ?? []);
  const best = state.best.scored;
  const last = [...tests].flatMap(([epoch, score]) => (epoch > epochs - evaluation.lastEpochs ? score : []));
  const summary: Summary = {
    name: pipeline.name,
    seed: pipeline.seed,
    strategy: pipeline.stages.auxiliary.use,
    epochs,
    parameters: countParams(state.theta1.variables.params),
    test: tests.get(epochs)!,
    ...(best && {
      selected: { epoch: best.epoch, validation: scores(best.validation), test: tests.get(best.epoch)! },
    }),
    ...(last.length > 0 && {
      lastEpochs: { epochs: last.length, meanAccuracy: mean(last.map(({ primaryAccuracy }) => primaryAccuracy)) },
    }),
    metrics,
    ...(labelUse && { labelUse }),
    ...(cosines.length > 0 && { gradientCosine: mean(cosines) }),
    durationMs,
  };
  return { type: 'run:end', summary, durationMs };
}

const scores = ({ split, samples, primaryLoss, primaryAccuracy }: Evaluation): Evaluation => ({
  split,
  samples,
  primaryLoss,
  primaryAccuracy,
});

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What {@link saveWeights} writes: running statistics included. */
const savedNetworks = ({ theta1, theta2, best }: TrainState): Record<string, Variables | undefined> => ({
  theta1: theta1.variables,
  'theta1-selected': best.scored?.variables,
  theta2: theta2?.variables,
});

/** Writes the weights of both networks as `weights/theta1.safetensors` and `theta2`, and theta1 of the selected epoch. */
async function* saveWeights({ state }: Composition, directory: string): AsyncIterable<RunEventBody> {
  await mkdir(join(directory, 'weights'), { recursive: true });
  for (const [name, variables] of Object.entries(savedNetworks(state))) {
    if (!variables) continue;
    const path = join(directory, 'weights', `${name}.safetensors`);
    const bytes = await writeSafetensors(path, { ...variables.params, ...variables.state });
    yield { type: 'checkpoint:written', epoch: state.epoch, path, bytes };
  }
}
