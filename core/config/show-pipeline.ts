import { settings } from './settings.js';
import {
  stageKeys,
  type PipelineSpec,
  type ResolvedPipeline,
  type ResolvedStage,
  type StageKey,
  type StageSpec,
} from './spec.js';

/**
 * A resolved pipeline as one could write it: every default filled in, every path absolute, nothing inherited. Loading
 * it again gives the same pipeline, as long as stage schemas accept their own output (defaults yes, transforms no).
 */
export function showPipeline(resolved: ResolvedPipeline): PipelineSpec {
  const common = Object.keys(settings.shape).map((key) => [key, resolved[key as keyof ResolvedPipeline]]);
  const stages = Object.keys(stageKeys).map((key) => [key, showStage(resolved.stages[key as StageKey])]);
  const spec = Object.fromEntries([...common, ...stages]) as PipelineSpec;
  return { ...spec, observers: resolved.observers.map(showStage) };
}

function showStage({ use, config, nested, definition }: ResolvedStage): StageSpec {
  const keys = [...new Set([...Object.keys(definition.schema.shape), ...Object.keys(config)])];
  const shown = keys.flatMap((key) => {
    const inner = nested[key];
    return inner ? [[key, showStage(inner)]] : key in config ? [[key, config[key]]] : [];
  });
  return { use, ...(Object.fromEntries(shown) as Record<string, unknown>) };
}
