import type { Params } from '../autodiff/index.js';
import { disposeParams } from '../autodiff/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { peakMemory, residentMemory } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import { Walk } from '../training/index.js';
import { compose } from './compose.js';
import type { ComposeOptions } from './compose.js';
import { passesOf } from './script.js';

/** One way to the meta-gradient, tried on a pipeline. */
export interface MeasuredGradient {
  /** The gradient in theta2, regulariser included; owned by the caller. */
  readonly gradient: Params;
  /** Median of three computations, after another one to warm up. */
  readonly durationMs: number;
  /** Resident memory at its peak, beyond what the process held before the first step. */
  readonly peakBytes: number;
}

/**
 * The methods by which a pipeline's meta-step can compute its gradient, as {@link measureGradient} knows them.
 * @throws ConfigError where nothing is learned by a meta-gradient
 */
export async function gradientMethods(
  pipeline: ResolvedPipeline,
  options?: ComposeOptions,
): Promise<readonly string[]> {
  using composition = await compose(pipeline, options);
  const { metaStep } = composition;
  const names = Object.keys(metaStep.methods ?? {});
  if (names.length > 0) return names;
  throw ConfigError.of(
    'meta-step/no-gradient',
    ['metaStep'],
    metaStep.idle ?? `the meta-step ${pipeline.stages.metaStep.use} computes no gradient`,
    'name a strategy that learns and a meta-step that trains it, such as auxiliary.use=maxl and metaStep.use=meta-gradient',
  );
}

/**
 * One method's meta-gradient, its time and its memory, at the state after `steps` ordinary steps of each pass. The state
 * depends on pipeline and seed alone, so gradients of several processes belong to one point.
 */
export async function measureGradient(
  pipeline: ResolvedPipeline,
  method: string,
  { steps, ...options }: ComposeOptions & { readonly steps: number },
): Promise<MeasuredGradient> {
  using composition = await compose(pipeline, options);
  const { metaStep, state, dataset, random, clock } = composition;
  const base = residentMemory();
  const walk = new Walk(dataset, random, 'train', 1);
  const position = { epoch: 0, epochs: pipeline.epochs, pass: 'meta', step: 1 };
  for (const { step, settle } of passesOf(composition)) {
    for (let place = 0; place < steps; place++) {
      using drawn = walk.at(place);
      step(state, drawn.batch, position, drawn.draw);
    }
    using next = walk.at(steps);
    settle?.(state, next.batch, position, next.draw);
  }
  using drawn = walk.at(steps);
  const compute = (): Params => metaStep.methods![method]!(state, drawn.batch, position, drawn.draw);
  const { result: gradient, peakBytes } = peakMemory(compute, base);
  const durations = Array.from({ length: 3 }, () => {
    const started = clock();
    disposeParams(compute());
    return clock() - started;
  });
  return { gradient, durationMs: durations.sort((a, b) => a - b)[1]!, peakBytes };
}
