import { ConfigError, DataError } from '../errors/index.js';
import { nearest } from '../plugins/index.js';
import type { DatasetOptions, Level } from '../stages/index.js';

/** A level that may say how its labels are made where none are given. */
export interface DerivableLevel extends Level {
  /** A level with labels, and the class here of each class there; a level whose parent this one is serves without it. */
  readonly derivedFrom?: { readonly level: string; readonly of: readonly number[] };
}

/** Levels by name. */
export type Levels = Readonly<Record<string, DerivableLevel>>;

/**
 * The levels a pipeline trains on.
 * @param fallback the primary level where the pipeline names none.
 * @throws ConfigError for a level that isn't there, or a `fine` one that does not refine the primary one.
 */
export function chooseLevels(
  levels: Levels,
  options: Pick<DatasetOptions, 'primary' | 'fine'>,
  fallback: string,
): { readonly primary: string; readonly fine?: string } {
  const { primary = fallback, fine } = options;
  requireLevel(levels, primary, 'primary');
  if (fine === undefined) return { primary };
  requireLevel(levels, fine, 'fine');
  if (!ancestors(levels, fine).includes(primary)) {
    const finer = Object.keys(levels).filter((name) => ancestors(levels, name).includes(primary));
    throw ConfigError.of(
      'config/unrelated-levels',
      ['dataset', 'fine'],
      `level "${fine}" does not refine the primary level "${primary}"`,
      finer.length > 0 ? `These do: ${finer.join(', ')}.` : `No level of this dataset does; choose a coarser primary.`,
    );
  }
  return { primary, fine };
}

function requireLevel(levels: Levels, name: string, key: 'primary' | 'fine'): void {
  if (Object.hasOwn(levels, name)) return;
  const names = Object.keys(levels);
  const close = nearest(name, names);
  throw ConfigError.of(
    'config/unknown-level',
    ['dataset', key],
    `no label level "${name}"${close === undefined ? '' : `; the nearest is "${close}"`}`,
    `Levels of this dataset: ${names.join(', ')}.`,
  );
}

/** The coarser levels above `name`, nearest first. */
function ancestors(levels: Levels, name: string): readonly string[] {
  const found: string[] = [];
  for (let level = levels[name]?.parent?.level; level && !found.includes(level); level = levels[level]?.parent?.level)
    found.push(level);
  return found;
}

/**
 * Labels of every level; coarser ones are derived from finer ones where they are not given.
 * @param given class indices by level name, one per sample; at least of each finest level.
 * @param split named in errors.
 * @throws DataError for a label that is no class of its level, or a level that neither has labels nor can be derived.
 */
export function labelLevels(
  levels: Levels,
  given: Readonly<Record<string, ArrayLike<number>>>,
  split: string,
): Readonly<Record<string, Int32Array>> {
  const labels = new Map<string, Int32Array>();
  for (const [name, values] of Object.entries(given)) labels.set(name, checked(levels, name, values, split));

  const labelsOf = (name: string): Int32Array | undefined => {
    const known = labels.get(name);
    if (known) return known;
    for (const { level, of } of sources(levels, name)) {
      const finer = labelsOf(level);
      if (finer) return finer.map((label) => of[label]!);
    }
    return undefined;
  };
  for (const name of Object.keys(levels)) {
    const found = labelsOf(name);
    if (!found) throw new DataError('data/unlabelled-level', `the ${split} samples have no labels of level "${name}"`);
    labels.set(name, found);
  }
  return Object.fromEntries(labels);
}

/** The levels that labels of `name` can be derived from, with the class of each of their classes. */
function sources(levels: Levels, name: string): readonly { readonly level: string; readonly of: readonly number[] }[] {
  const { derivedFrom } = levels[name]!;
  const children = Object.values(levels).flatMap(({ name: child, parent }) =>
    parent?.level === name ? [{ level: child, of: parent.of }] : [],
  );
  return derivedFrom ? [derivedFrom, ...children] : children;
}

function checked(levels: Levels, name: string, values: ArrayLike<number>, split: string): Int32Array {
  const classes = levels[name]?.classes.length ?? 0;
  const bad = Array.prototype.findIndex.call(
    values,
    (label) => !(Number.isInteger(label) && label >= 0 && label < classes),
  );
  if (bad < 0) return Int32Array.from(values);
  throw new DataError(
    'data/label-out-of-range',
    `${split} sample ${bad} has label ${values[bad]}, but the classes of level "${name}" are 0 to ${classes - 1}`,
  );
}
