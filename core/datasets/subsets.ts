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
 * @throws ConfigError where more samples are asked for than there are.
 */
export function drawSubsets(
  classes: Int32Array,
  classCount: number,
  { train, validation, heldOut }: Pick<DatasetOptions, 'train' | 'validation' | 'heldOut'>,
  seed: number,
): Readonly<Record<'train' | 'validation' | 'heldOut', Int32Array>> {
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
  const spare = chosen ? others.length : others.length - 1;
  requireSamples('validation', validation, spare, 'samples left beside training');
  const validated = draw(others, validation, 'subset/validation', proportionalQuotas);
  const rest = without(others, validated);
  requireSamples('heldOut', heldOut, spare - validation, 'samples left beside training and validation');
  const held = draw(rest, heldOut, 'subset/held-out', proportionalQuotas);
  return { train: chosen ?? without(rest, held), validation: validated, heldOut: held };
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

function without(positions: Int32Array, taken: Int32Array): Int32Array {
  const set = new Set(taken);
  return positions.filter((position) => !set.has(position));
}
