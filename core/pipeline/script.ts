import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { concat, concatMap, defer, EMPTY, from, of, repeat, tap } from 'rxjs';
import type { Observable } from 'rxjs';
import { countParams } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import { writeSafetensors } from '../checkpoint/index.js';
import { showPipeline } from '../config/index.js';
import type { Evaluation, RunEventBody, Summary } from '../events/index.js';
import type { Pass } from '../stages/index.js';
import { trainStep } from '../training/index.js';
import type { Composition } from './compose.js';
import { epoch, evaluate, prepare, unlessAborted } from './phases.js';

type Events = Observable<RunEventBody>;
type EpochEnd = Extract<RunEventBody, { type: 'epoch:end' }>;

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
    const started = clock();
    return concat(
      of(runStart(composition, passes, directory)),
      from(warnings(composition)),
      unlessAborted(signal, () => prepare(composition, signal)),
      unlessAborted(signal, () => epoch(composition, passes, composition.state.epoch + 1, signal)).pipe(
        repeat({ count: pipeline.epochs, delay: () => (signal.aborted ? EMPTY : of(true)) }),
        tap((event) => event.type === 'epoch:end' && ends.push(event)),
      ),
      directory === undefined ? EMPTY : defer(() => saveWeights(composition, directory)),
      unlessAborted(signal, () => finish(composition, ends, () => clock() - started)),
      defer(() => (signal.aborted ? of(stopped(composition, signal, clock() - started)) : EMPTY)),
    );
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

/** The test split is read once, after the last epoch. */
const finish = (composition: Composition, ends: readonly EpochEnd[], elapsedMs: () => number): Events =>
  evaluate(composition, 'test', composition.dataset.test, composition.pipeline.epochs).pipe(
    concatMap((test) => {
      const durationMs = elapsedMs();
      return of(test, {
        type: 'run:end' as const,
        summary: summarise(composition, ends, test, durationMs),
        durationMs,
      });
    }),
  );

const stopped = ({ state }: Composition, signal: AbortSignal, durationMs: number): RunEventBody => ({
  type: 'run:stopped',
  reason: signal.reason instanceof Error ? signal.reason.message : String(signal.reason),
  epoch: state.epoch,
  durationMs,
});

function summarise(
  { pipeline, state }: Composition,
  ends: readonly EpochEnd[],
  { samples, primaryLoss, primaryAccuracy }: Evaluation,
  durationMs: number,
): Summary {
  const { metrics, labelUse } = ends.at(-1)!;
  const cosines = ends.flatMap((end) => end.metrics.gradientCosine ?? []);
  return {
    name: pipeline.name,
    seed: pipeline.seed,
    strategy: pipeline.stages.auxiliary.use,
    epochs: pipeline.epochs,
    parameters: countParams(state.theta1.variables.params),
    test: { split: 'test', samples, primaryLoss, primaryAccuracy },
    metrics,
    ...(labelUse && { labelUse }),
    ...(cosines.length > 0 && { gradientCosine: cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length }),
    durationMs,
  };
}

/** Writes the weights of both networks, running statistics included, as `weights/theta1.safetensors` and `theta2`. */
async function* saveWeights({ state }: Composition, directory: string): AsyncIterable<RunEventBody> {
  const networks: Record<string, Variables | undefined> = {
    theta1: state.theta1.variables,
    theta2: state.theta2?.variables,
  };
  await mkdir(join(directory, 'weights'), { recursive: true });
  for (const [name, variables] of Object.entries(networks)) {
    if (!variables) continue;
    const path = join(directory, 'weights', `${name}.safetensors`);
    const bytes = await writeSafetensors(path, { ...variables.params, ...variables.state });
    yield { type: 'checkpoint:written', epoch: state.epoch, path, bytes };
  }
}
