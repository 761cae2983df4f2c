import { loadPipeline } from '../core/config/index.js';
import type { PipelineSpec } from '../core/config/index.js';
import { Run } from '../core/pipeline/index.js';
import type { RunOptions } from '../core/pipeline/index.js';
import type { Plugin } from '../core/plugins/index.js';
import { builtIn, defaults } from './built-in.js';

export * from '../core/autodiff/index.js';
export * from '../core/config/index.js';
export * from '../core/datasets/index.js';
export { Generator, Scope, tf } from '../core/engine/index.js';
export * from '../core/errors/index.js';
export * from '../core/events/index.js';
export * from '../core/pipeline/index.js';
export * from '../core/plugins/index.js';
export * from '../core/stages/index.js';
export * from '../core/training/index.js';
export { builtIn, defaults };

export interface PipelineOptions extends RunOptions {
  /** Plugins as values, beside the built-in ones and those that the pipeline lists. */
  readonly plugins?: readonly Plugin[];
  /** Changes such as `optimizer.learningRate=0.1`, applied last. */
  readonly set?: readonly string[];
}

/**
 * A pipeline's run: cold, so nothing happens before someone subscribes. A fault in the declaration fails the run.
 * @param source path of a YAML file, or the same keys as an object
 * @example pipeline('quickstart.yaml').pipe(filter(isEvent('run:end'))).subscribe(({ summary }) => console.log(summary))
 */
export const pipeline = (
  source: string | PipelineSpec,
  { plugins = [], set = [], ...options }: PipelineOptions = {},
): Run => new Run(() => loadPipeline(source, { plugins: [...builtIn, ...plugins], defaults, set }), options);
