import { channelStatistics } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';
import { quoted } from './csv-values.js';

/** Features of training and test samples, row by row; they are changed in place. */
interface Features {
  readonly names: readonly string[];
  readonly train: Float64Array;
  readonly test: Float64Array;
}

/**
 * Puts the mean of each feature over the training samples in the place of NaN.
 * @param positions of the training samples in `train`.
 * @throws DataError for a feature that no training sample has.
 */
export function fillMissing({ names, train, test }: Features, positions: Int32Array): void {
  const { length: width } = names;
  if (![train, test].some((values) => values.some(Number.isNaN))) return;
  for (const [feature, name] of names.entries()) {
    const all = Array.from(positions, (position) => train[position * width + feature]!);
    const known = all.filter((value) => !Number.isNaN(value));
    if (known.length === 0)
      throw new DataError(
        'data/missing-feature',
        `feature ${quoted(name)} is missing in all ${all.length} training samples`,
        {
          hint: `Leave it out: \`ignore: [${quoted(name)}]\`.`,
        },
      );
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    for (const values of [train, test])
      for (let i = feature; i < values.length; i += width) if (Number.isNaN(values[i])) values[i] = mean;
  }
}

/**
 * Centres each feature and divides it by its standard deviation, both measured on the training samples; one that never
 * changes there is only centred.
 * @param positions of the training samples in `train`.
 */
export function standardise({ names, train, test }: Features, positions: Int32Array): void {
  const { length: width } = names;
  const { mean, deviation } = channelStatistics({ inputs: train, inputShape: [width], positions, scale: 1 });
  for (const values of [train, test])
    for (let i = 0; i < values.length; i++) values[i] = (values[i]! - mean[i % width]!) / deviation[i % width]!;
}
