import { extname } from 'node:path';
import { readFile } from 'node:fs/promises';
import { tf } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Dataset } from '../stages/index.js';

/** Inputs made of a file, owned by whoever read it. */
export interface ReadSamples {
  /** float32 `[samples, ...inputShape]`. */
  readonly inputs: tf.Tensor;
  /** What each sample is called: the file, or the place in it. */
  readonly names: readonly string[];
}

/** What a dataset may offer beside its splits: to read a file's samples as it read its own, labels apart. */
export interface SampleReader {
  /**
   * @param file absolute
   * @param name what results call it
   * @throws DataError for a file that it can't read
   */
  readSamples(file: string, name: string): Promise<ReadSamples>;
}

const formats = ['png', 'jpeg', 'webp'];

/**
 * Reads samples from a file: as the dataset does where it offers that, else as an image.
 * @param name what messages and results call the file
 * @throws DataError for a file that is missing, damaged, or of no kind that fits the dataset
 */
export async function readSamples(dataset: Dataset, file: string, name: string): Promise<ReadSamples> {
  if (isReader(dataset)) return dataset.readSamples(file, name);
  if (isImage(dataset.inputShape)) return { inputs: await readImage(dataset, file, name), names: [name] };
  throw new DataError(
    'predict/no-reader',
    `${name}: the dataset ${dataset.name} has inputs of shape [${dataset.inputShape.join(', ')}] and doesn't read other files`,
    { hint: 'Its stage may offer `readSamples`; images need inputs of 1 or 3 channels.' },
  );
}

const isReader = (dataset: object): dataset is SampleReader => 'readSamples' in dataset;

type ImageShape = [height: number, width: number, channels: 1 | 3];

const isImage = (shape: readonly number[]): boolean => shape.length === 3 && [1, 3].includes(shape[2]!);

/**
 * One image as a batch, as the image folders are read: turned upright, on white where it is transparent, its middle scaled
 * to the size; in [0, 1], then normalised as the run's splits are.
 */
async function readImage({ inputShape, normalisation }: Dataset, file: string, name: string): Promise<tf.Tensor> {
  const [height, width, channels] = inputShape as ImageShape;
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw new DataError('data/unreadable', `can't read ${name}: ${(cause as Error).message}`, { cause });
  });
  const { default: sharp } = await import('sharp');
  // Of no bytes it makes no image at all.
  const image = bytes.length > 0 ? sharp(bytes) : undefined;
  const format = await image?.metadata().then(
    (found) => found.format,
    () => undefined,
  );
  if (!image || format === undefined || !formats.includes(format)) {
    throw new DataError('data/no-image', `${name}: not an image of the formats ${formats.join(', ')}`, {
      hint:
        extname(file).toLowerCase() === '.csv'
          ? 'The run learned from images; rows of numbers are for runs on the dataset csv.'
          : 'The file may be empty or damaged, or of another kind than its name says.',
    });
  }
  const pixels = await image
    .autoOrient()
    .flatten({ background: 'white' })
    .resize(width, height)
    .toColourspace(channels === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer()
    .catch((cause: unknown) => {
      throw new DataError('data/corrupt-image', `${name}: ${(cause as Error).message.trim()}`, { cause });
    });
  return tf.tidy(() => {
    const scaled = tf.mul(tf.tensor(Float32Array.from(pixels), [1, height, width, channels]), 1 / 255);
    return normalisation ? tf.div(tf.sub(scaled, [...normalisation.mean]), [...normalisation.deviation]) : scaled;
  });
}
