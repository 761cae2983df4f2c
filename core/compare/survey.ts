import type { ResolvedPipeline } from '../config/index.js';
import { accuracy, rSquared } from '../events/index.js';
import type { ScoreKind } from '../events/index.js';
import { compose, passesOf } from '../pipeline/index.js';

/** What a pipeline would train on, and how. */
export interface Survey {
  readonly validationSamples: number;
  /** Names of an epoch's passes; each sees every training batch once. */
  readonly passes: readonly string[];
  readonly stepsPerPass: number;
  readonly scoredBy: ScoreKind;
  /** Why the meta-step has nothing to do, where it hasn't. */
  readonly idle?: string;
}

/** Builds a pipeline's stages, looks at them and frees them, so that what can't be built is refused before anything runs. */
export async function survey(pipeline: ResolvedPipeline): Promise<Survey> {
  using composition = await compose(pipeline);
  const { dataset, metaStep } = composition;
  return {
    validationSamples: dataset.validation?.size ?? 0,
    passes: passesOf(composition).map(({ name }) => name),
    stepsPerPass: Math.ceil(dataset.train.size / dataset.batch),
    scoredBy: dataset.target ? rSquared : accuracy,
    ...(metaStep.idle !== undefined && { idle: metaStep.idle }),
  };
}
