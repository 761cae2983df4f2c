import { nearest, type StageKind } from '../plugins/index.js';
import { check } from './check.js';
import { fromObject } from './from-object.js';
import { given } from './expectation.js';
import { unknownKey } from './explain.js';
import { rememberPlaces } from './places.js';
import { resolveStage, type Resolving } from './resolve-stage.js';
import { settings, type Settings } from './settings.js';
import { stageKeys, type ResolvedPipeline, type ResolvedStage, type StageKey } from './spec.js';
import { itemOf, keyOf, merge, type Place, type Written, type WrittenList, type WrittenMap } from './written.js';

/** What resolving a whole pipeline needs besides what is written. */
export interface ResolvingPipeline extends Resolving {
  /** Its name unless it states one. */
  readonly name: string | undefined;
  /** Where the pipeline itself begins. */
  readonly start: Place;
  /** Plugins from outside, listed so that they can be loaded again. */
  readonly plugins: readonly string[];
}

/**
 * Merges and validates the layers of a pipeline.
 * @param layers the base first.
 * @returns `undefined` where faults were reported.
 */
export function resolvePipeline(
  layers: readonly WrittenMap[],
  resolving: ResolvingPipeline,
): ResolvedPipeline | undefined {
  for (const layer of layers) reportUnknown(layer, resolving);
  const common = resolveSettings(layers, resolving);
  const stages: Partial<Record<StageKey, ResolvedStage>> = {};
  const layersOf = (key: string): Written[] => {
    const written = layers.map(({ entries }) => entries.get(key));
    return written.toSpliced(1, 0, datasetDefault(key, stages.dataset, resolving)).flatMap((layer) => layer ?? []);
  };
  for (const [key, kind] of Object.entries(stageKeys) as [StageKey, StageKind][]) {
    const written = layersOf(key);
    if (key === 'auxiliaryLoss') {
      // It changes the primary task's loss, and is that loss where nothing is written.
      const loss = layersOf('loss');
      stages[key] = written.length > 0 ? resolveStage({ kind }, [...loss, ...written], resolving) : stages.loss;
    } else if (written.length > 0) {
      stages[key] = resolveStage({ kind }, written, resolving);
    } else {
      reportMissing(key, kind, resolving);
    }
  }
  const observers = resolveObservers(layersOf('observers'), resolving);
  if (!common || !observers || !isComplete(stages)) return undefined;
  const pipeline = { ...common, plugins: resolving.plugins, stages, observers };
  return rememberPlaces(pipeline, layers.reduce<Written>(merge, layers[0]!));
}

/** What the dataset wants a stage to be where the pipeline says nothing; it comes on top of what holds for all of them. */
function datasetDefault(
  key: string,
  dataset: ResolvedStage | undefined,
  { cwd, issues }: Resolving,
): Written | undefined {
  const defaults: Readonly<Record<string, unknown>> = dataset?.definition.defaults?.(dataset.config) ?? {};
  return defaults[key] === undefined ? undefined : fromObject(defaults[key], { path: [key], base: cwd }, issues);
}

const topLevelKeys: readonly string[] = [
  'extends',
  ...Object.keys(settings.shape),
  ...Object.keys(stageKeys),
  'observers',
];

function reportUnknown({ entries }: WrittenMap, { catalog, issues }: Resolving): void {
  for (const [key, value] of entries) {
    if (topLevelKeys.includes(key)) continue;
    const owner = Object.entries(stageKeys).find(([, kind]) =>
      catalog.all(kind).some(({ definition }) => Object.hasOwn(definition.schema.shape, key)),
    );
    const [message, keys] = unknownKey(key, topLevelKeys);
    const hint = owner && !nearest(key, topLevelKeys) ? `It may belong inside "${owner[0]}".` : keys;
    issues.add('config/unknown-key', keyOf(value), message, hint);
  }
}

function reportMissing(key: StageKey, kind: StageKind, { catalog, issues, start }: ResolvingPipeline): void {
  const names = catalog.names(kind);
  const hint = `Write ${key}: { use: ${names[0] ?? '...'} }.${names.length > 1 ? ` Known: ${names.join(', ')}.` : ''}`;
  issues.add('config/missing-key', { ...start, path: [key] }, 'missing: every pipeline has one', hint);
}

function resolveSettings(layers: readonly WrittenMap[], resolving: ResolvingPipeline): Settings | undefined {
  const isSetting = ([key]: [string, Written]): boolean => Object.hasOwn(settings.shape, key);
  const own = layers.map((layer) => ({ ...layer, entries: new Map([...layer.entries].filter(isSetting)) }));
  const merged = own.reduce<Written>(merge, own[0]!) as WrittenMap;
  const found = check(settings, merged, resolving) as Settings | undefined;
  return found && { ...found, name: merged.entries.has('name') ? found.name : (resolving.name ?? found.name) };
}

/** A list replaces the one before it; a `--set observers.0.key=...` changes one of its items. */
export function resolveObservers(layers: readonly Written[], resolving: Resolving): ResolvedStage[] | undefined {
  const last = layers.findLastIndex((layer) => layer.type !== 'map' || !layer.patch);
  const list = layers[last] ?? { type: 'list', items: [], path: ['observers'], base: resolving.cwd };
  if (list.type !== 'list') {
    const form = 'Write observers: [{ use: ... }].';
    resolving.issues.add(
      'config/wrong-type',
      list,
      `expected a list of stages, got ${given(list.type === 'map' ? {} : list.value)}`,
      form,
    );
    return undefined;
  }
  const items = withChanges(list, layers.slice(last + 1) as WrittenMap[]);
  const observers = items.map((item) => resolveStage({ kind: 'observer' }, item, resolving));
  return observers.every((observer) => observer !== undefined) ? observers : undefined;
}

function withChanges(list: WrittenList, patches: readonly WrittenMap[]): Written[][] {
  const items = list.items.map((item) => [item]);
  for (const { entries } of patches) {
    for (const [key, change] of entries) items[itemOf(list, key, change)]!.push(change);
  }
  return items;
}

const isComplete = (stages: Partial<Record<StageKey, ResolvedStage>>): stages is Record<StageKey, ResolvedStage> =>
  Object.keys(stageKeys).every((key) => stages[key as StageKey] !== undefined);
