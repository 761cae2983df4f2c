import { ConfigError } from '../errors/index.js';
import type { ResolvedPipeline } from './spec.js';
import { deepest, type Written } from './written.js';

const places = new WeakMap<ResolvedPipeline, Written>();

/** Remembers where everything in a pipeline was written. */
export function rememberPlaces(pipeline: ResolvedPipeline, written: Written): ResolvedPipeline {
  places.set(pipeline, written);
  return pipeline;
}

/** The same error, its issues placed where the keys were written: for faults that only show when stages are built. */
export function placed(error: ConfigError, pipeline: ResolvedPipeline): ConfigError {
  const written = places.get(pipeline);
  if (!written) return error;
  const issues = error.issues.map((issue) => ({
    ...issue,
    where: issue.where ?? deepest(written, issue.path).at.where,
  }));
  return new ConfigError(issues, { hint: error.hint, cause: error.cause });
}
