import type { Random } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Dataset, DatasetOptions } from '../stages/index.js';
import { type InMemorySplit, type InputValues, inMemorySplit } from './in-memory-split.js';
import { chooseLevels, labelLevels, type Levels } from './levels.js';
import { drawSubsets, requireSamples } from './subsets.js';

/** Samples as they were read, kept without a copy. */
export interface Samples {
  /** One row of `inputShape` per sample. */
  readonly inputs: InputValues;
  /** Class indices by level, one per sample; coarser levels are derived where they are missing. */
  readonly labels: Readonly<Record<string, ArrayLike<number>>>;
}

/** What a dataset stage knows once it has read its files. */
export interface InMemorySource {
  readonly name: string;
  /** `[height, width, channels]` or `[features]`. */
  readonly inputShape: readonly number[];
  readonly levels: Levels;
  /** The primary level where the pipeline names none. */
  readonly primary: string;
  readonly train: Samples;
  readonly test: Samples;
  /** Multiplies every input; 1 by default, 1/255 turns bytes into [0, 1]. */
  readonly scale?: number;
  /** The keys that every dataset stage has. */
  readonly options: DatasetOptions;
  readonly random: Random;
}

export interface InMemoryDataset extends Dataset {
  readonly train: InMemorySplit;
  readonly validation?: InMemorySplit;
  readonly heldOut?: InMemorySplit;
  readonly test: InMemorySplit;
}

/**
 * A dataset of samples in memory: chooses the levels, labels them all, draws the subsets that the options ask for.
 * @example inMemoryDataset({ name: 'cifar100', inputShape: [32, 32, 3], levels, primary: 'superclass', train, test, scale: 1 / 255, options, random })
 * @throws ConfigError for levels or sizes that this data doesn't have; DataError for data that doesn't fit together.
 */
export function inMemoryDataset(source: InMemorySource): InMemoryDataset {
  const { name, inputShape, levels, options, random, scale = 1 } = source;
  const { primary, fine } = chooseLevels(levels, options, source.primary);
  const split = (samples: Samples, labels: Readonly<Record<string, Int32Array>>, positions: Int32Array) =>
    inMemorySplit({ inputs: samples.inputs, shape: inputShape, scale, labels, positions });

  const trainLabels = labelSamples(source, 'train');
  const drawn = drawSubsets(trainLabels[primary]!, levels[primary]!.classes.length, options, random.seed);
  const testLabels = labelSamples(source, 'test');
  const testSize = options.test ?? testLabels[primary]!.length;
  requireSamples('test', testSize, testLabels[primary]!.length, 'test samples');

  return {
    name,
    inputShape,
    levels,
    primary,
    ...(fine !== undefined && { fine }),
    batch: options.batch,
    train: split(source.train, trainLabels, drawn.train),
    ...(drawn.validation.length > 0 && { validation: split(source.train, trainLabels, drawn.validation) }),
    ...(drawn.heldOut.length > 0 && { heldOut: split(source.train, trainLabels, drawn.heldOut) }),
    test: split(
      source.test,
      testLabels,
      Int32Array.from({ length: testSize }, (_, position) => position),
    ),
  };
}

function labelSamples({ name, inputShape, levels, ...source }: InMemorySource, split: 'train' | 'test') {
  const { inputs, labels } = source[split];
  const rows = inputs.length / inputShape.reduce((product, size) => product * size, 1);
  const fault = (message: string) => new DataError('data/count-mismatch', `${name}, ${split} split: ${message}`);
  if (!Number.isInteger(rows))
    throw fault(`${inputs.length} values are no whole number of ${inputShape.join(' x ')} inputs`);
  if (rows === 0) throw fault('there are no samples');
  for (const [level, { length }] of Object.entries(labels))
    if (length !== rows) throw fault(`${length} labels of level "${level}" for ${rows} inputs`);
  return labelLevels(levels, labels, split);
}
