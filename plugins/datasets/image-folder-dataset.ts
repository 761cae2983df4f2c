import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Grouping, grouping, hierarchy, inMemoryDataset, type Samples } from '../../core/datasets/index.js';
import { type Dataset, type DatasetOptions, datasetOptions, type Random } from '../../core/stages/index.js';
import { decodeImage, type ImageForm } from './decode-image.js';
import { type FolderLevels, folderLevels } from './folder-levels.js';
import { type FiledImage, listImages } from './image-tree.js';
import { room } from './room.js';
import { takingTurns } from './taking-turns.js';

const folderNames = z.union([
  z
    .string()
    .min(1)
    .transform((name) => [name]),
  z.array(z.string().min(1)).min(1),
]);
/** Names that a validation split's folder usually has. */
const validationNames = ['valid', 'validation', 'val'];
const imagesAtOnce = 64;

/** Keys of all stages that read folders of images. */
export const imageFolderKeys = {
  ...datasetOptions,
  size: z.int().min(1).max(1024).default(32).describe('height and width that images are scaled to'),
  channels: z
    .union([z.literal(1), z.literal(3)])
    .default(3)
    .describe('1 for grey images, 3 for coloured ones'),
  splits: z
    .strictObject({
      train: folderNames.default(['train']),
      validation: folderNames.optional(),
      test: folderNames.default(['test']),
    })
    .prefault({})
    .describe('the folder of each split, or several that make it up; validation is valid, validation or val if there'),
  folders: z
    .array(z.string().min(1))
    .min(1)
    .describe('names of the levels that nested folders make, coarse to fine')
    .optional(),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of classes by name'),
  maxPixels: z
    .int()
    .min(1)
    .default(2 ** 24)
    .describe('refuse images of more pixels than this'),
};
type ImageFolderOptions = DatasetOptions &
  ImageForm & {
    readonly splits: {
      readonly train: readonly string[];
      readonly validation?: readonly string[] | undefined;
      readonly test: readonly string[];
    };
    readonly folders?: readonly string[] | undefined;
    readonly levels: Readonly<Record<string, Grouping>>;
  };

/**
 * Loads `root/split/class/*.png` as a dataset; nested class folders are levels. Images are in the order of their paths; those
 * to test on take turns by class, so that the first of them have all.
 * @throws DataError for a folder or image that is missing, damaged or not labelled like the others.
 */
export async function imageFolderDataset(
  name: string,
  root: string,
  { size, channels, maxPixels, splits, folders, levels, ...options }: ImageFolderOptions,
  random: Random,
): Promise<Dataset> {
  const list = async (split: readonly string[]) =>
    (await Promise.all(split.map((folder) => listImages(join(root, folder))))).flat();
  const validation = splits.validation ?? usualValidation(root, [...splits.train, ...splits.test]);
  const [trainImages, testImages] = [await list(splits.train), await list(splits.test)];
  const validationImages = validation && (await list(validation));

  const tree = folderLevels(trainImages, folders);
  const read = (images: readonly FiledImage[]) => readSamples(images, tree, { size, channels, maxPixels });
  return inMemoryDataset({
    name,
    inputShape: [size, size, channels],
    levels: hierarchy(tree.base, { ...tree.groupings, ...levels }, options.primary),
    primary: tree.base.name,
    train: await read(trainImages),
    validation: validationImages && (await read(validationImages)),
    test: await read(takingTurns(testImages, ({ folders: own }) => own.join('/')).slice(0, options.test)),
    scale: 1 / 255,
    options,
    random,
  });
}

function usualValidation(root: string, used: readonly string[]): readonly string[] | undefined {
  const found = validationNames.find((name) => !used.includes(name) && existsSync(join(root, name)));
  return found === undefined ? undefined : [found];
}

async function readSamples(images: readonly FiledImage[], tree: FolderLevels, form: ImageForm): Promise<Samples> {
  const labels = Int32Array.from(images, (image) => tree.label(image));
  const imageBytes = form.size ** 2 * form.channels;
  const inputs = room(images.length * imageBytes, `${images.length} images`);
  for (let first = 0; first < images.length; first += imagesAtOnce) {
    const block = images.slice(first, first + imagesAtOnce);
    const decoded = await Promise.allSettled(block.map(({ file }) => decodeImage(file, form)));
    for (const [index, image] of decoded.entries()) {
      if (image.status === 'rejected') throw image.reason;
      inputs.set(image.value, (first + index) * imageBytes);
    }
  }
  return { inputs, labels: { [tree.base.name]: labels } };
}
