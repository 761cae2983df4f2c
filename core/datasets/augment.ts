import { tf } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { Dataset, DatasetOptions, Normalisation } from '../stages/index.js';
import { imageShape } from './images.js';

/**
 * Pads each image by `crop` black pixels, cuts its size out again at a random place, and mirrors it with probability 1/2.
 * @param inputShape `[height, width, channels]`.
 * @param normalisation of the inputs, which says what black has become.
 * @returns what a dataset has as `augment`, for float32 `[batch, height, width, channels]`; pure but for the generator.
 * @throws ConfigError where inputs aren't images, or not larger than `crop`.
 */
export function augmentation(
  { crop, flip }: NonNullable<DatasetOptions['augment']>,
  inputShape: readonly number[],
  normalisation?: Normalisation,
): NonNullable<Dataset['augment']> {
  const [height, width, channels] = imageShape('augment', inputShape);
  if (crop >= Math.min(height, width))
    throw ConfigError.of(
      'dataset/crop-too-large',
      ['dataset', 'augment', 'crop'],
      `${crop} leaves nothing of images of ${height}x${width} at the edge`,
      `choose at most ${Math.min(height, width) - 1}; 4 is usual for 32x32`,
    );
  const size = height * width * channels;
  const black = normalisation?.mean.map((mean, channel) => -mean / normalisation.deviation[channel]!);
  const blank = Float32Array.from({ length: size }, (_, i) => black?.[i % channels] ?? 0);

  return (inputs, random) => {
    const images = inputs.dataSync();
    const changed = new Float32Array(images.length);
    for (let image = 0; image < images.length; image += size) {
      const top = random.integer(2 * crop + 1) - crop;
      const left = random.integer(2 * crop + 1) - crop;
      const mirrored = flip && random.integer(2) === 1;
      changed.set(blank, image);
      for (let row = Math.max(0, -top); row < Math.min(height, height - top); row++) {
        for (let column = Math.max(0, -left); column < Math.min(width, width - left); column++) {
          const from = image + ((row + top) * width + column + left) * channels;
          const to = image + (row * width + (mirrored ? width - 1 - column : column)) * channels;
          for (let channel = 0; channel < channels; channel++) changed[to + channel] = images[from + channel]!;
        }
      }
    }
    return tf.tensor(changed, inputs.shape);
  };
}
