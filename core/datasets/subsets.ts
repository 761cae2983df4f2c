import { Generator } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { DatasetOptions } from '../stages/index.js';
import { evenQuotas, proportionalQuotas } from './quotas.js';

type Quotas = typeof evenQuotas;

/**
 * Positions to train on and to hold out, ascending and disjoint: `train` samples evenly by class (all by default), then
 * `validation` of the others in their own proportions. The same seed draws the same training subset at any `validation`.
 * @param classes the primary class of every training sample.
 * @throws ConfigError where more samples are asked for than there are.
 */
export function drawSubsets(
  classes: Int32Array,
  classCount: number,
  { train, validation }: Pick<DatasetOptions, 'train' | 'validation'>,
  seed: number,
): { readonly train: Int32Array; readonly validation: Int32Array } {
  const draw = (pool: Int32Array, total: number, purpose: string, quotas: Quotas) => {
    const generator = Generator.for(seed, purpose);
    const counts = new Array<number>(classCount).fill(0);
    for (const position of pool) counts[classes[position]!]! += 1;
    const left = quotas(counts, total, generator);
    const shuffled = generator.permutation(pool.length).map((index) => pool[index]!);
    return shuffled.filter((position) => left[classes[position]!]!-- > 0).sort();
  };

  const all = classes.map((_, position) => position);
  if (train !== undefined) requireSamples('train', train, all.length, 'training samples');
  const chosen = train === undefined ? undefined : draw(all, train, 'subset/train', evenQuotas);
  const others = chosen ? without(all, chosen) : all;
  requireSamples('validation', validation, chosen ? others.length : others.length - 1, 'samples left beside training');
  const held = draw(others, validation, 'subset/validation', proportionalQuotas);
  return { train: chosen ?? without(all, held), validation: held };
}

/** @throws ConfigError where `asked`, the value of the dataset's `key`, is more than `available`. */
export function requireSamples(
  key: 'train' | 'validation' | 'test',
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

function without(positions: Int32Array, taken: Int32Array): Int32Array {
  const set = new Set(taken);
  return positions.filter((position) => !set.has(position));
}
