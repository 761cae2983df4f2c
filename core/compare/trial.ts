import { createHash } from 'node:crypto';
import { showPipeline } from '../config/index.js';
import type { PipelineSpec, ResolvedPipeline } from '../config/index.js';

/** What a trial is for: measuring an epoch's time, choosing settings on validation data, or the comparison itself. */
export type TrialPurpose = 'timing' | 'search' | 'final';

/** One run of a comparison. */
export interface Trial {
  /** Hash of its pipeline, but for name and folder: trials with the same one are the same run. */
  readonly id: string;
  readonly purpose: TrialPurpose;
  /** Label of its variant. */
  readonly variant: string;
  readonly seed: number;
  /** Settings that the search drew, as of `--set`. */
  readonly settings: readonly string[];
  readonly pipeline: PipelineSpec;
}

/** The trial that runs a pipeline. */
export const trialOf = (about: Pick<Trial, 'purpose' | 'variant' | 'settings'>, pipeline: ResolvedPipeline): Trial => ({
  id: trialId(pipeline),
  ...about,
  seed: pipeline.seed,
  pipeline: showPipeline(pipeline),
});

/** Sixteen hexadecimal digits that are the same for pipelines that would measure the same. */
export function trialId(pipeline: ResolvedPipeline): string {
  const told = { ...showPipeline(pipeline), name: undefined, runs: undefined };
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16);
}

/** A name for a trial's run folder. */
export const trialName = (...parts: readonly (string | number)[]): string =>
  parts
    .join('-')
    .replace(/[^A-Za-z0-9._]+/g, '-')
    .replace(/^[._-]+|[._-]+$/g, '')
    .slice(0, 100) || 'trial';
