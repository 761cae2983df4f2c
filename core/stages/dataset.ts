import type { ServiceIdentifier } from 'inversify';
import { z } from 'zod';
import type { Generator, tf } from '../engine/index.js';

/** One way of labelling the samples; levels with a parent form a hierarchy, coarse to fine. */
export interface Level {
  readonly name: string;
  /** Class names; a label is an index into them. */
  readonly classes: readonly string[];
  /** The coarser level this one refines, with the parent class of each of this level's classes. */
  readonly parent?: { readonly level: string; readonly of: readonly number[] };
}

/** A number that the primary task is to predict; targets are centred and divided so that the training samples' have mean 0 and variance 1. */
export interface Target {
  readonly name: string;
  /** In the target's own units: what was taken off every value, and what the rest was then divided by (above 0). */
  readonly mean: number;
  readonly deviation: number;
}

/** Samples that can be gathered by index. */
export interface Split {
  readonly size: number;
  /** Labels by level name, one class index per sample. */
  readonly labels: Readonly<Record<string, Int32Array>>;
  /** Standardised values of the dataset's {@link Target}, one per sample; where it has one. */
  readonly targets?: Float32Array;
  /** Inputs of the samples at `indices`, float32 `[batch, height, width, channels]` (or `[batch, features]`); owned by the caller. */
  inputs(indices: Int32Array): tf.Tensor;
}

/** What was taken off each channel of every input, and what the rest was then divided by. */
export interface Normalisation {
  readonly mean: readonly number[];
  /** Above 0. */
  readonly deviation: readonly number[];
}

/** A loaded dataset. */
export interface Dataset {
  readonly name: string;
  /** Shape of one input: `[height, width, channels]` or `[features]`. */
  readonly inputShape: readonly number[];
  readonly levels: Readonly<Record<string, Level>>;
  /** The level of the primary task. */
  readonly primary: string;
  /**
   * The number that the primary task predicts; the task is a regression then, and the level `primary` has a single class that
   * all samples are in. Without it the task tells the classes of `primary`.
   */
  readonly target?: Target;
  /** The hidden finer level, never shown to training but by strategies that ask for it. */
  readonly fine?: string;
  /** Samples per training step. */
  readonly batch: number;
  readonly train: Split;
  /** Held out from the training samples; metrics during training come from it. */
  readonly validation?: Split;
  /** Held out from the training samples for meta batches, which theta2 learns from. */
  readonly heldOut?: Split;
  readonly test: Split;
  /** Changes the inputs of a training batch at random; they are borrowed, the result is the caller's. No other split is augmented. */
  readonly augment?: (inputs: tf.Tensor, random: Generator) => tf.Tensor;
  /** How the inputs of all splits were normalised, for those who want to show them. */
  readonly normalisation?: Normalisation;
}
export const Dataset: ServiceIdentifier<Dataset> = Symbol.for('auxflow/Dataset');

/** The dataset stage: reads files once, before the other stages are built. */
export interface DatasetSource {
  /** @throws DataError for a missing or damaged file, naming file, offset and expectation; ConfigError for levels it lacks. */
  load(): Promise<Dataset>;
}
export const DatasetSource: ServiceIdentifier<DatasetSource> = Symbol.for('auxflow/DatasetSource');

/** Random changes of training images: shifted by up to `crop` pixels each way, and mirrored. */
const augment = z.strictObject({
  crop: z.int().min(0).default(0).describe('pad by this many black pixels, then cut the size out at random'),
  flip: z.boolean().default(false).describe('mirror each image with probability 1/2'),
});

/** Per channel: by the training samples' own mean and deviation, or by given ones. */
const normalise = z.union([
  z.strictObject({ mean: z.array(z.number()).min(1), deviation: z.array(z.number().gt(0)).min(1) }),
  z.enum(['none', 'channels']),
]);

/** Keys that every dataset stage understands; spread them into the stage's own schema. */
export const datasetOptions = {
  primary: z.string().describe('label level of the primary task').optional(),
  fine: z.string().describe('hidden finer label level').optional(),
  batch: z.int().min(1).default(50).describe('samples per training step'),
  train: z
    .int()
    .min(1)
    .describe('train on this many samples, drawn with the run seed, evenly by primary class')
    .optional(),
  validation: z.int().min(0).default(0).describe('hold out this many further training samples'),
  heldOut: z.int().min(0).default(0).describe('hold out this many more for meta batches'),
  test: z.int().min(1).describe('test on the first this many samples').optional(),
  augment: augment.describe('change the images of training batches at random').optional(),
  normalise: normalise
    .describe('centre and scale each channel of the images in all splits; none by default')
    .optional(),
};
export type DatasetOptions = z.output<z.ZodObject<typeof datasetOptions>>;

/** A few samples on their way through a step; its tensors belong to the pass that drew it. */
export interface Batch extends Disposable {
  readonly size: number;
  /** Positions in the split. */
  readonly indices: Int32Array;
  /** float32 `[batch, ...inputShape]`. */
  readonly inputs: tf.Tensor;
  /** Classes of the primary level, one per sample; all 0 in a regression. */
  readonly primaryClasses: Int32Array;
  /** Targets of the primary task: int32 `[batch]` classes, or float32 `[batch, 1]` standardised values in a regression. */
  readonly primary: tf.Tensor;
  /** What these values are, in a regression. */
  readonly target?: Target;
}
