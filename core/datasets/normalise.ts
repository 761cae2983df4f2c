import { ConfigError } from '../errors/index.js';
import type { DatasetOptions, Normalisation } from '../stages/index.js';
import { imageShape } from './images.js';
import type { InputValues } from './in-memory-split.js';

/** Inputs of which some are trained on. */
export interface TrainingInputs {
  readonly inputs: InputValues;
  readonly inputShape: readonly number[];
  /** The training samples among them. */
  readonly positions: Int32Array;
  /** Multiplies every input before. */
  readonly scale: number;
}

/**
 * What a dataset's key `normalise` stands for; `undefined` for none.
 * @throws ConfigError where inputs aren't images, or have another number of channels than is given.
 */
export function normalisation(key: DatasetOptions['normalise'], training: TrainingInputs): Normalisation | undefined {
  if (key === undefined || key === 'none') return undefined;
  const [, , channels] = imageShape('normalise', training.inputShape);
  if (key === 'channels') return channelStatistics(training);
  for (const name of ['mean', 'deviation'] as const) {
    const { length } = key[name];
    if (length === channels) continue;
    throw ConfigError.of(
      'dataset/channels',
      ['dataset', 'normalise', name],
      `${length} given, but the images of this dataset have ${channels} channels`,
      'give one for each channel, or write `normalise: channels` to have them measured',
    );
  }
  return key;
}

/**
 * Mean and standard deviation (of the population) of each channel, the last axis of the inputs, over the training samples. A channel
 * that never changes has the deviation 1, so that dividing by it does nothing.
 */
export function channelStatistics({ inputs, inputShape, positions, scale }: TrainingInputs): Normalisation {
  const size = inputShape.reduce((product, length) => product * length, 1);
  const channels = inputShape.at(-1)!;
  const count = (positions.length * size) / channels;
  const mean: number[] = [];
  const deviation: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    // Sums of differences to a value of the channel's own: a large mean then takes no digits from a small deviation.
    const origin = inputs[channel]!;
    let [sum, squares] = [0, 0];
    for (const position of positions) {
      const end = (position + 1) * size;
      for (let i = position * size + channel; i < end; i += channels) {
        const difference = inputs[i]! - origin;
        sum += difference;
        squares += difference * difference;
      }
    }
    const variance = squares / count - (sum / count) ** 2;
    mean.push(scale * (origin + sum / count));
    deviation.push(variance > 0 ? Math.abs(scale) * Math.sqrt(variance) : 1);
  }
  return { mean, deviation };
}
