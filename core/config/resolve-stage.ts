import type { z } from 'zod';
import { nestedKind, type Catalog, type Nesting, type Provided, type StageKind } from '../plugins/index.js';
import { check } from './check.js';
import { article, given } from './expectation.js';
import { unknownKey } from './explain.js';
import { fromObject } from './from-object.js';
import type { Issues } from './issues.js';
import type { ResolvedStage } from './spec.js';
import { isRequired, shapeOf } from './shape.js';
import { stageMap } from './stage-map.js';
import { keyOf, merge, plain, type Place, type Written, type WrittenMap } from './written.js';

/** What resolving needs besides what is written. */
export interface Resolving {
  readonly catalog: Catalog;
  readonly issues: Issues;
  /** What paths count from that stand in no file. */
  readonly cwd: string;
}

/**
 * Finds the stage that `layers` name and validates its configuration.
 *
 * Each layer changes those before it. Where one changes `use`, the keys before it stay as far as the new stage knows
 * them and are dropped otherwise; its own keys and later ones must be known.
 * @param layers what is written about one stage, the base first; at least one.
 * @returns `undefined` where faults were reported.
 */
export function resolveStage(
  nesting: Nesting,
  layers: readonly Written[],
  resolving: Resolving,
): ResolvedStage | undefined {
  const maps = layers.map((layer) => stageMap(nesting, layer, resolving));
  if (!maps.every((map) => map !== undefined)) return undefined;
  const { use, since } = lastUse(maps);
  const provided = find(nesting.kind, use, maps.at(-1)!, resolving);
  if (!use || !provided) return undefined;

  const { kind } = nesting;
  const { definition, plugin } = provided;
  const known = maps.map((map, level) => knownKeys(map, provided, kind, level >= since, resolving));
  const written = { ...(known.reduce<Written>(merge, known[0]!) as WrittenMap), where: use.where };
  const inner = nestedStages(definition.schema, known, written, resolving);
  const config = check(definition.schema, written, { ...resolving, elsewhere: inner.keys });
  return (
    config &&
    inner.nested && { kind, use: definition.name, plugin: plugin.name, definition, config, nested: inner.nested }
  );
}

/** The value of `use` that holds, and the layer that it holds since. */
function lastUse(maps: readonly WrittenMap[]): { use: Written | undefined; since: number } {
  let use: Written | undefined;
  let since = 0;
  maps.forEach(({ entries }, level) => {
    const next = entries.get('use');
    if (!next) return;
    if (use && plain(use) !== plain(next)) since = level;
    use = next;
  });
  return { use, since };
}

function find(
  kind: StageKind,
  use: Written | undefined,
  map: WrittenMap,
  { catalog, issues }: Resolving,
): Provided | undefined {
  if (!use) {
    const path = [...map.path, 'use'];
    issues.add(
      'config/missing-key',
      { path, where: map.where },
      'missing: the name of a stage',
      `Known: ${catalog.names(kind).join(', ')}.`,
    );
    return undefined;
  }
  const name = plain(use);
  if (typeof name !== 'string') {
    issues.add('config/wrong-type', use, `expected the name of a stage, got ${given(name)}`);
    return undefined;
  }
  const provided = catalog.find(kind, name);
  if (!provided) {
    const { message, hint } = catalog.missing(kind, name);
    issues.add('config/unknown-stage', use, message, hint);
  }
  return provided;
}

/** `map` without `use` and without keys that the stage doesn't know; those are faults where `strict`. */
function knownKeys(
  map: WrittenMap,
  provided: Provided,
  kind: StageKind,
  strict: boolean,
  resolving: Resolving,
): WrittenMap {
  const { schema, name } = provided.definition;
  const open = schema.def.catchall !== undefined && schema.def.catchall._zod.def.type !== 'never';
  const entries = new Map<string, Written>();
  for (const [key, value] of map.entries) {
    if (key === 'use') continue;
    if (open || Object.hasOwn(schema.shape, key)) {
      entries.set(key, value);
    } else if (strict) {
      const owners = resolving.catalog
        .all(kind)
        .filter(({ definition }) => Object.hasOwn(definition.schema.shape, key));
      const [message, keys] = unknownKey(key, Object.keys(schema.shape));
      const owned = owners.map(({ definition }) => `"${definition.name}"`).join(', ');
      const hint = owned
        ? `${kind} "${name}" has no such key, but ${owned} ${owners.length > 1 ? 'have' : 'has'}.`
        : keys;
      resolving.issues.add('config/unknown-key', keyOf(value), message, hint);
    }
  }
  return { ...map, entries };
}

/** The stages nested in a configuration; `nested` is undefined where faults were reported. */
function nestedStages(schema: z.ZodObject, known: readonly WrittenMap[], written: WrittenMap, resolving: Resolving) {
  const keys: string[] = [];
  const nested: Record<string, ResolvedStage> = {};
  let complete = true;
  for (const [key, inner] of Object.entries(shapeOf(schema))) {
    const nesting = nestedKind(inner);
    if (!nesting) continue;
    keys.push(key);
    const place = { path: [...written.path, key], where: written.where };
    const found = known.flatMap(({ entries }) => entries.get(key) ?? []);
    const layers = [...defaultOf(inner, place, resolving), ...found];
    const stage = layers.length > 0 ? resolveStage(nesting, layers, resolving) : undefined;
    if (stage) nested[key] = stage;
    else if (layers.length > 0 || requires(inner, nesting, place, resolving)) complete = false;
  }
  return { keys, nested: complete ? nested : undefined };
}

function requires(schema: z.core.$ZodType, { kind }: Nesting, place: Place, { catalog, issues }: Resolving): boolean {
  if (!isRequired(schema)) return false;
  issues.add(
    'config/missing-key',
    place,
    `missing: expected ${article(kind)}`,
    `Known: ${catalog.names(kind).join(', ')}.`,
  );
  return true;
}

/** What a schema says by `default` or `prefault`, as the lowest layer. */
function defaultOf(schema: z.core.$ZodType, place: Place, resolving: Resolving): Written[] {
  const { innerType, defaultValue } = schema._zod.def as { innerType?: z.core.$ZodType; defaultValue?: unknown };
  if (defaultValue !== undefined)
    return [fromObject(defaultValue, { ...place, base: resolving.cwd }, resolving.issues)];
  return innerType ? defaultOf(innerType, place, resolving) : [];
}
