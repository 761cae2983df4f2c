import { loadPipeline } from '../core/config/index.js';
import type { SpecOf } from '../core/config/index.js';
import { Run } from '../core/pipeline/index.js';
import type { RunOptions } from '../core/pipeline/index.js';
import type { Plugin } from '../core/plugins/index.js';
import { builtIn, defaults, type BuiltIn } from './built-in.js';

export * from '../core/autodiff/index.js';
export * from '../core/config/index.js';
export * from '../core/datasets/index.js';
export type { Resumable, Snapshot } from '../core/checkpoint/index.js';
export { Generator, Scope, tf, type Random as RandomChoices } from '../core/engine/index.js';
export type { EngineInfo, OwnKernels, Processor } from '../core/engine/index.js';
export * from '../core/errors/index.js';
export * from '../core/events/index.js';
export * from '../core/pipeline/index.js';
export * from '../core/plugins/index.js';
export * from '../core/stages/index.js';
export * from '../core/trained/index.js';
export * from '../core/training/index.js';
// With the built-in plugins, in place of the core's own, which is told how to load a pipeline.
export { openRun, type OpenOptions } from './open-run.js';
export { builtIn, defaults, type BuiltIn };

export interface PipelineOptions<Plugins extends readonly Plugin[] = readonly Plugin[]> extends RunOptions {
  /** Plugins as values, beside the built-in ones; the pipeline's type knows their names and keys. */
  readonly plugins?: Plugins;
  /** Changes such as `optimizer.learningRate=0.1`, applied last. */
  readonly set?: readonly string[];
}

/** A pipeline as an object that may name the stages of `Plugins` beside the built-in ones. */
export type SpecWith<Plugins extends readonly Plugin[]> = SpecOf<BuiltIn[number] | Plugins[number]>;

/**
 * A pipeline's run: cold, so nothing happens before someone subscribes. A fault in the declaration fails the run.
 * @param source path of a YAML file, or the same keys as an object, typed by the plugins
 * @example pipeline('quickstart.yaml').pipe(filter(isEvent('run:end'))).subscribe(({ summary }) => console.log(summary))
 */
export function pipeline<const Plugins extends readonly Plugin[] = readonly []>(
  source: string | SpecWith<Plugins>,
  { plugins, set = [], ...options }: PipelineOptions<Plugins> = {},
): Run {
  const load = () => loadPipeline(source, { plugins: [...builtIn, ...(plugins ?? [])], defaults, set });
  return new Run(load, options);
}
