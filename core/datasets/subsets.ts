import { Generator } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { DatasetOptions } from '../stages/index.js';
import { evenQuotas, proportionalQuotas } from './quotas.js';

type Quotas = typeof evenQuotas;

/**
 * Positions to train on and to hold out, ascending and disjoint: `train` samples evenly by class (all by default), then
 * `validation` and `heldOut` of the others in their own proportions. The same seed draws the same training subset at any
 * `validation`, and the same validation samples at any `heldOut`.
 * @param classes the primary class of every training sample.
 * @param groups samples of one group are drawn together and never shared between subsets: those of a group that a
 *   subset took a part of are in no other.
 * @throws ConfigError where more samples are asked for than there are.
 */
export function drawSubsets(
  classes: Int32Array,
  classCount: number,
  { train, validation, heldOut }: Pick<DatasetOptions, 'train' | 'validation' | 'heldOut'>,
  seed: number,
  groups?: ArrayLike<number>,
): Readonly<Record<'train' | 'validation' | 'heldOut', Int32Array>> {
  const draw = (pool: Int32Array, total: number, purpose: string, quotas: Quotas) => {
    const generator = Generator.for(seed, purpose);
    const counts = new Array<number>(classCount).fill(0);
    for (const position of pool) counts[classes[position]!]! += 1;
    const left = quotas(counts, total, generator);
    const shuffled = groups
      ? shuffledGroups(pool, groups, generator)
      : generator.permutation(pool.length).map((index) => pool[index]!);
    return shuffled.filter((position) => left[classes[position]!]!-- > 0).sort();
  };

  const all = classes.map((_, position) => position);
  if (train !== undefined) requireSamples('train', train, all.length, 'training samples');
  const chosen = train === undefined ? undefined : draw(all, train, 'subset/train', evenQuotas);
  const others = chosen ? without(all, chosen, groups) : all;
  const reserved = chosen ? 0 : 1;
  requireSamples('validation', validation, others.length - reserved, 'samples left beside training');
  const validated = draw(others, validation, 'subset/validation', proportionalQuotas);
  const rest = without(others, validated, groups);
  requireSamples(
    'heldOut',
    heldOut,
    Math.max(0, rest.length - reserved),
    'samples left beside training and validation',
  );
  const held = draw(rest, heldOut, 'subset/held-out', proportionalQuotas);
  const trained = chosen ?? without(rest, held, groups);
  if (trained.length === 0)
    throw ConfigError.of(
      'config/too-few-samples',
      ['dataset', 'validation'],
      `holding out ${validation + heldOut} samples, and all that belong with them, leaves none to train on`,
    );
  return { train: trained, validation: validated, heldOut: held };
}

/** `pool` group by group, the groups in random order. */
function shuffledGroups(pool: Int32Array, groups: ArrayLike<number>, generator: Generator): Int32Array {
  const names = [...new Set(Array.from(pool, (position) => groups[position]!))];
  const order = generator.permutation(names.length);
  const ranks = new Map(names.map((name, index) => [name, order[index]!]));
  const rank = (position: number) => ranks.get(groups[position]!)!;
  return pool.slice().sort((a, b) => rank(a) - rank(b) || a - b);
}

/**
 * Positions of a validation split that the data brings itself, ascending: `validation` of them in their own proportions,
 * or all where that is 0.
 * @throws ConfigError where more are asked for than there are.
 */
export function drawValidation(classes: Int32Array, classCount: number, validation: number, seed: number): Int32Array {
  requireSamples('validation', validation, classes.length, 'validation samples');
  if (validation === 0 || validation === classes.length) return classes.map((_, position) => position);
  return drawSubsets(classes, classCount, { validation, heldOut: 0 }, seed).validation;
}

/**
 * Splits samples in two at random, in each part in the proportions of their classes.
 * @param classes the class of every sample.
 * @param size of the second part; at most the number of samples.
 * @returns positions, ascending, of both parts.
 */
export function splitInProportion(
  classes: Int32Array,
  classCount: number,
  size: number,
  generator: Generator,
): readonly [Int32Array, Int32Array] {
  const all = classes.map((_, position) => position);
  const second = drawByQuotas(all, { classes, classCount }, proportionalQuotas, size, generator);
  return [without(all, second), second];
}

function drawByQuotas(
  pool: Int32Array,
  { classes, classCount }: { readonly classes: Int32Array; readonly classCount: number },
  quotas: Quotas,
  total: number,
  generator: Generator,
): Int32Array {
  const counts = new Array<number>(classCount).fill(0);
  for (const position of pool) counts[classes[position]!]! += 1;
  const left = quotas(counts, total, generator);
  const shuffled = generator.permutation(pool.length).map((index) => pool[index]!);
  return shuffled.filter((position) => left[classes[position]!]!-- > 0).sort();
}

/** @throws ConfigError where `asked`, the value of the dataset's `key`, is more than `available`. */
export function requireSamples(
  key: 'train' | 'validation' | 'heldOut' | 'test',
  asked: number,
  available: number,
  of: string,
): void {
  if (asked <= available) return;
  throw ConfigError.of(
    'config/too-few-samples',
    ['dataset', key],
    `${asked} asked for, but there are ${available} ${of}`,
  );
}

function without(positions: Int32Array, taken: Int32Array, groups?: ArrayLike<number>): Int32Array {
  const unit = (position: number) => (groups ? groups[position]! : position);
  const set = new Set(Array.from(taken, unit));
  return positions.filter((position) => !set.has(unit(position)));
}
