import type { Random } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Dataset, DatasetOptions } from '../stages/index.js';
import { augmentation } from './augment.js';
import { type InMemorySplit, type InputValues, inMemorySplit } from './in-memory-split.js';
import { chooseLevels, labelLevels, type Levels } from './levels.js';
import { normalisation } from './normalise.js';
import { measureTarget, oneClass, refuseConstant, standardised } from './regression-target.js';
import { drawSubsets, drawValidation, requireSamples } from './subsets.js';

/** Samples as they were read, kept without a copy. */
export interface Samples {
  /** One row of `inputShape` per sample. */
  readonly inputs: InputValues;
  /** Class indices by level, one per sample; coarser levels are derived where they are missing. */
  readonly labels: Readonly<Record<string, ArrayLike<number>>>;
  /** Values of the source's `target`, one per sample, in its own units. */
  readonly targets?: ArrayLike<number>;
  /** One number per sample: those with the same one show the same thing and are never shared between splits. */
  readonly groups?: ArrayLike<number>;
}

/** What a dataset stage knows once it has read its files. */
export interface InMemorySource {
  readonly name: string;
  /** `[height, width, channels]` or `[features]`. */
  readonly inputShape: readonly number[];
  readonly levels: Levels;
  /** The primary level where the pipeline names none; of a regression the target's name. */
  readonly primary: string;
  /** The number to predict, of which all samples have `targets`: the primary task is a regression. */
  readonly target?: string | undefined;
  readonly train: Samples;
  /** A validation split of the data's own, used instead of held out training samples; `validation` draws some of it. */
  readonly validation?: Samples | undefined;
  readonly test: Samples;
  /** Multiplies every input; 1 by default, 1/255 turns bytes into [0, 1]. */
  readonly scale?: number;
  /**
   * Learns from the training samples alone (the mean of each feature, say) and may change all inputs by it, in place; called once,
   * when they have been drawn.
   */
  readonly fit?: (trainPositions: Int32Array) => void;
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
export function inMemoryDataset(given: InMemorySource): InMemoryDataset {
  const source = given.target === undefined ? given : { ...given, ...oneClass(given, given.target) };
  const { name, inputShape, levels, options, random, scale = 1 } = source;
  const { primary, fine } = chooseLevels(levels, options, source.primary);
  const trainLabels = labelSamples(source, 'train');
  const classCount = levels[primary]!.classes.length;
  const asked = source.validation ? { ...options, validation: 0 } : options;
  const drawn = drawSubsets(trainLabels[primary]!, classCount, asked, random.seed, source.train.groups);
  const testLabels = labelSamples(source, 'test');
  const testSize = options.test ?? testLabels[primary]!.length;
  requireSamples('test', testSize, testLabels[primary]!.length, 'test samples');

  source.fit?.(drawn.train);
  const training = { inputs: source.train.inputs, inputShape, positions: drawn.train, scale };
  const normalised = normalisation(options.normalise, training);
  const target =
    source.target === undefined ? undefined : measureTarget(source.target, source.train.targets!, drawn.train);
  const split = (samples: Samples, labels: Readonly<Record<string, Int32Array>>, positions: Int32Array) => ({
    ...inMemorySplit({
      inputs: samples.inputs,
      shape: inputShape,
      scale,
      normalisation: normalised,
      labels,
      positions,
    }),
    ...(target && { targets: standardised(target, samples.targets!, positions) }),
  });

  const own = source.validation && { samples: source.validation, labels: labelSamples(source, 'validation') };
  const { samples, labels } = own ?? { samples: source.train, labels: trainLabels };
  const validated = own
    ? drawValidation(labels[primary]!, classCount, options.validation, random.seed)
    : drawn.validation;
  const tested = Int32Array.from({ length: testSize }, (_, position) => position);
  if (target) {
    refuseConstant(target.name, source.train.targets!, drawn.train, 'training');
    refuseConstant(target.name, samples.targets!, validated, 'validation');
    refuseConstant(target.name, source.test.targets!, tested, 'test');
  }

  return {
    name,
    inputShape,
    levels,
    primary,
    ...(target && { target }),
    ...(fine !== undefined && { fine }),
    batch: options.batch,
    train: split(source.train, trainLabels, drawn.train),
    ...(validated.length > 0 && { validation: split(samples, labels, validated) }),
    ...(drawn.heldOut.length > 0 && { heldOut: split(source.train, trainLabels, drawn.heldOut) }),
    test: split(source.test, testLabels, tested),
    ...(options.augment && { augment: augmentation(options.augment, inputShape, normalised) }),
    ...(normalised && { normalisation: normalised }),
  };
}

function labelSamples(source: InMemorySource, split: 'train' | 'validation' | 'test') {
  const { name, inputShape, levels } = source;
  const { inputs, labels } = source[split]!;
  const rows = inputs.length / inputShape.reduce((product, size) => product * size, 1);
  const fault = (message: string) => new DataError('data/count-mismatch', `${name}, ${split} split: ${message}`);
  if (!Number.isInteger(rows))
    throw fault(`${inputs.length} values are no whole number of ${inputShape.join(' x ')} inputs`);
  if (rows === 0) throw fault('there are no samples');
  for (const [level, { length }] of Object.entries(labels))
    if (length !== rows) throw fault(`${length} labels of level "${level}" for ${rows} inputs`);
  if (source.target !== undefined && source[split]!.targets?.length !== rows)
    throw fault(`${source[split]!.targets?.length ?? 0} values of target "${source.target}" for ${rows} inputs`);
  return labelLevels(levels, labels, split);
}
