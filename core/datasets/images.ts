import { ConfigError } from '../errors/index.js';

export type ImageShape = readonly [height: number, width: number, channels: number];

/**
 * The shape of image inputs.
 * @param key of the dataset, which only images can have.
 * @throws ConfigError where one input has no height, width and channels.
 */
export function imageShape(key: 'augment' | 'normalise', shape: readonly number[]): ImageShape {
  const [height, width, channels] = shape;
  if (shape.length === 3) return [height!, width!, channels!];
  throw ConfigError.of(
    'dataset/no-images',
    ['dataset', key],
    `works on images, but the inputs of this dataset have the shape [${shape.join(', ')}]`,
    'leave it out',
  );
}
