import { type Grouping, hierarchy, type InMemoryDataset, inMemoryDataset } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';
import type { DatasetOptions, Random } from '../../core/stages/index.js';
import { type IdxSamples, inputShape, largestLabel, readSamples } from './idx-samples.js';

export interface IdxFiles {
  readonly trainImages: string;
  readonly trainLabels: string;
  readonly testImages: string;
  readonly testLabels: string;
}

/** Without names the classes are the numbers found in the label files, up to this many. */
const unnamedClasses = 65_536;

/**
 * Loads four IDX files as a dataset.
 * @param base the level of the label files; its class names are the labels themselves where none are given.
 * @param scale multiplies every input; by default 1/255 for bytes and 1 for other types.
 * @throws DataError for files that are damaged or don't fit together; ConfigError for levels or sizes they don't have.
 */
export async function idxDataset({
  name,
  files,
  base,
  groupings,
  scale,
  options,
  random,
}: {
  readonly name: string;
  readonly files: IdxFiles;
  readonly base: { readonly name: string; readonly classes?: readonly string[] };
  readonly groupings: Readonly<Record<string, Grouping>>;
  readonly scale?: number | undefined;
  readonly options: DatasetOptions;
  readonly random: Random;
}): Promise<InMemoryDataset> {
  const train = await readSamples(files.trainImages, files.trainLabels);
  const test = await readSamples(files.testImages, files.testLabels);
  const shape = inputShape(train);
  if (shape.join() !== inputShape(test).join())
    throw new DataError(
      'data/wrong-shape',
      `${files.testImages}, byte 8: inputs of ${inputShape(test).join(' x ')}, but those of ${files.trainImages} are ${shape.join(' x ')}`,
    );

  const limit = base.classes?.length ?? unnamedClasses;
  const expectation = base.classes
    ? `the ${limit} classes of level "${base.name}" are 0 to ${limit - 1}`
    : `labels are 0 to ${limit - 1}; list the class names to have more`;
  const largest = Math.max(...[train, test].map((samples) => largestLabel(samples, limit, expectation)));
  const classes = base.classes ?? Array.from({ length: largest + 1 }, (_, label) => String(label));
  const samplesOf = ({ images, labels }: IdxSamples) => ({
    inputs: images.values,
    labels: { [base.name]: labels.values },
  });

  return inMemoryDataset({
    name,
    inputShape: shape,
    levels: hierarchy({ name: base.name, classes }, groupings, options.primary),
    primary: base.name,
    train: samplesOf(train),
    test: samplesOf(test),
    scale: scale ?? (train.images.type === 'u8' ? 1 / 255 : 1),
    options,
    random,
  });
}
