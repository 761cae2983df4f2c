import type { Issues } from './issues.js';
import { forbiddenKeys, type Place, type Written } from './written.js';

const deepest = 64;

/** Takes a plain object apart; keys that are `undefined` count as not written. */
export function fromObject(value: unknown, place: Place & { base: string }, issues: Issues): Written {
  return convert(value, place, issues, new Set());
}

function convert(
  value: unknown,
  place: Place & { base: string },
  issues: Issues,
  above: ReadonlySet<unknown>,
): Written {
  const isList = Array.isArray(value);
  if (!isList && !isPlainObject(value)) return { ...place, type: 'scalar', value };
  if (place.path.length > deepest) {
    issues.add('config/syntax', { ...place, path: place.path.slice(0, 3) }, 'values are nested too deeply');
    return { ...place, type: 'scalar', value: null };
  }
  if (above.has(value)) {
    issues.add('config/circular', place, 'the object contains itself');
    return { ...place, type: 'scalar', value: null };
  }
  const inside = new Set(above).add(value);
  const child = (key: string | number, item: unknown): Written =>
    convert(item, { ...place, path: [...place.path, key] }, issues, inside);
  if (isList) return { ...place, type: 'list', items: Array.from(value, (item, index) => child(index, item)) };
  const entries = new Map<string, Written>();
  for (const [key, item] of Object.entries(value)) {
    if (forbiddenKeys.has(key))
      issues.add('config/forbidden-key', { ...place, path: [...place.path, key] }, 'this key is not allowed');
    else if (item !== undefined) entries.set(key, child(key, item));
  }
  return { ...place, type: 'map', entries };
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
