import { ConfigError } from '../errors/index.js';

/** Where a value stands. */
export interface Place {
  /** Path of its key in the pipeline: `['optimizer', 'learningRate']`. */
  readonly path: readonly (string | number)[];
  /** `pipelines/quickstart.yaml:12:5`, or `--set optimizer`; absent for objects. */
  readonly where?: string | undefined;
}

interface Source extends Place {
  /** Position of the key, where it differs from the value's. */
  readonly keyWhere?: string | undefined;
  /** Absolute folder that relative paths in it count from. */
  readonly base: string;
}
export interface WrittenMap extends Source {
  readonly type: 'map';
  readonly entries: ReadonlyMap<string, Written>;
  /** Made by the dots of `--set a.b=c`: changes what is there, items of lists too. */
  readonly patch?: boolean;
}
export interface WrittenList extends Source {
  readonly type: 'list';
  readonly items: readonly Written[];
}
export interface WrittenScalar extends Source {
  readonly type: 'scalar';
  readonly value: unknown;
}

/** A value as someone wrote it, in a file, an object or an option, before any schema has seen it. */
export type Written = WrittenMap | WrittenList | WrittenScalar;

/** Place of the key that `written` stands under. */
export const keyOf = ({ path, where, keyWhere }: Written): Place => ({ path, where: keyWhere ?? where });

/** Keys that could reach into JavaScript's own objects. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** The value without positions. */
export function plain(written: Written): unknown {
  if (written.type === 'scalar') return written.value;
  if (written.type === 'list') return written.items.map(plain);
  return Object.fromEntries([...written.entries].map(([key, value]) => [key, plain(value)]));
}

/** The value under `path`, or the deepest one on the way there. */
export function deepest(written: Written, path: readonly PropertyKey[]): { at: Written; found: boolean } {
  let at = written;
  for (const key of path) {
    const next =
      at.type === 'map' ? at.entries.get(String(key)) : at.type === 'list' ? at.items[Number(key)] : undefined;
    if (!next) return { at, found: false };
    at = next;
  }
  return { at, found: true };
}

/** `over` on top of `under`: maps merge key by key, everything else replaces. */
export function merge(under: Written | undefined, over: Written): Written {
  if (!under || over.type !== 'map') return over;
  if (under.type === 'list' && over.patch) {
    const items = [...under.items];
    for (const [key, value] of over.entries) items[itemOf(under, key, value)] = merge(items[Number(key)], value);
    return { ...under, items };
  }
  if (under.type !== 'map') return over;
  const entries = new Map(under.entries);
  for (const [key, value] of over.entries) entries.set(key, merge(entries.get(key), value));
  return { ...(over.patch ? under : over), entries };
}

/**
 * The index that a `--set` names in a list.
 * @throws ConfigError where the list has no such item.
 */
export function itemOf(list: WrittenList, key: string, { path, where }: Place): number {
  const index = /^\d+$/.test(key) ? Number(key) : -1;
  if (index >= 0 && index < list.items.length) return index;
  const size = list.items.length;
  const message = `there is no item "${key}" in a list of ${size}`;
  const hint = size > 0 ? `Items are numbered from 0 to ${size - 1}.` : undefined;
  throw new ConfigError([{ code: 'config/no-item', path, where, message, hint }]);
}
