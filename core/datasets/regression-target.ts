import { ConfigError, DataError } from '../errors/index.js';
import type { Target } from '../stages/index.js';
import type { InMemorySource, Samples } from './in-memory-dataset.js';
import type { Levels } from './levels.js';
import { channelStatistics } from './normalise.js';

/**
 * The levels and labels of a regression: a primary level named like the target, with one class for all samples, which every
 * other level refines.
 * @throws ConfigError where the pipeline asks for another primary level.
 */
export function oneClass(
  { levels, train, validation, test, options }: InMemorySource,
  target: string,
): Pick<InMemorySource, 'levels' | 'primary' | 'train' | 'validation' | 'test'> {
  if (options.primary !== undefined && options.primary !== target) {
    throw ConfigError.of(
      'config/primary-beside-target',
      ['dataset', 'primary'],
      `the primary task is to predict the number "${target}", not the level "${options.primary}"`,
      'leave out dataset.primary, or the target',
    );
  }
  const below = Object.entries(levels).map(([name, level]): [string, Levels[string]] => [
    name,
    level.parent ? level : { ...level, parent: { level: target, of: level.classes.map(() => 0) } },
  ]);
  const labelled = (samples: Samples): Samples => ({
    ...samples,
    labels: { ...samples.labels, [target]: new Int32Array(samples.targets?.length ?? 0) },
  });
  return {
    levels: { [target]: { name: target, classes: [target] }, ...Object.fromEntries(below) },
    primary: target,
    train: labelled(train),
    validation: validation && labelled(validation),
    test: labelled(test),
  };
}

/** Mean and deviation of the target over the training samples. */
export function measureTarget(name: string, values: ArrayLike<number>, positions: Int32Array): Target {
  const inputs = Float64Array.from(values);
  const { mean, deviation } = channelStatistics({ inputs, inputShape: [1], positions, scale: 1 });
  return { name, mean: mean[0]!, deviation: deviation[0]! };
}

/** @throws DataError where a split that is scored has the same value throughout: nothing is there to explain, and R2 divides by 0. */
export function refuseConstant(name: string, values: ArrayLike<number>, positions: Int32Array, split: string): void {
  const first = values[positions[0]!]!;
  if (positions.length === 0 || positions.some((position) => values[position] !== first)) return;
  throw new DataError(
    'data/constant-target',
    `target "${name}" is ${first} in all ${positions.length} ${split} samples, so that there is no R2 of them`,
  );
}

/** The values at `positions`, centred and divided. */
export const standardised = (
  { mean, deviation }: Target,
  values: ArrayLike<number>,
  positions: Int32Array,
): Float32Array => Float32Array.from(positions, (position) => (values[position]! - mean) / deviation);
