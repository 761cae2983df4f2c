import type { EngineInfo } from '../engine/index.js';
import type { ErrorReport } from '../errors/index.js';
import type { PrimaryScores, ValidationScores } from './score.js';

/** The auxiliary labels of a batch, summed by primary class; where they come in blocks of one for each. */
export interface LabelMeasurement {
  /** The labels themselves, row-major `[primary classes, outputs]`. */
  readonly labelMass?: Float32Array;
  /** The entropy of each sample's label in nats, `[primary classes]`. */
  readonly labelEntropy?: Float32Array;
}

/** What one training step of theta1 measured; its R2 is against the variance of all training samples. */
export interface StepMeasurement extends LabelMeasurement, PrimaryScores {
  readonly type: 'step:end';
  /** Mean losses over the batch; no auxiliary loss without an auxiliary task. */
  readonly primaryLoss: number;
  readonly auxiliaryLoss?: number;
  readonly learningRate: number;
  /** Cosine of the primary and auxiliary gradients over the shared trunk, -1 to 1; where it was measured. */
  readonly gradientCosine?: number;
}

/** What one meta-step measured. */
export interface MetaStepMeasurement {
  readonly type: 'meta-step:end';
  /** Primary loss at theta1, and at theta1+ after the look-ahead. */
  readonly primaryLossBefore: number;
  readonly primaryLossAfter: number;
  /** The unweighted regulariser on the labels (the entropy term, for MAXL). */
  readonly regulariser: number;
  /** L2 norm over all of theta2 of the gradient that moves it, regulariser included. */
  readonly metaGradientNorm: number;
  /** L2 norms of its two terms where they enter, in the labels. */
  readonly metaCotangentNorm: number;
  readonly regulariserCotangentNorm: number;
  /** The same norms of each primary class's samples alone, `[primary classes]`; where labels come in blocks. */
  readonly metaCotangentNorms?: Float32Array;
  readonly regulariserCotangentNorms?: Float32Array;
  readonly learningRate: number;
}

/** Where in a pass something was measured. */
export interface InPass {
  readonly epoch: number;
  readonly pass: string;
  /** Steps of this pass done in this epoch, from 1. */
  readonly step: number;
  readonly steps: number;
  readonly samples: number;
  readonly durationMs: number;
}

/** How one split scored. Accuracy counts samples, so a short last batch weighs what it holds; R2 is of the split as a whole. */
export interface Evaluation extends PrimaryScores {
  readonly split: 'validation' | 'test';
  readonly samples: number;
  readonly primaryLoss: number;
  /** Root of the mean squared error, in the target's own units; of a regression. */
  readonly primaryRmse?: number;
}

/** Use of one primary class's auxiliary classes. */
export interface LabelUse {
  readonly primaryClass: string;
  readonly samples: number;
  /** Mean assignment of each auxiliary class of the block; sums to 1. */
  readonly shares: readonly number[];
  /** exp of the shares' entropy: 1 is collapse, the block's size is even use. */
  readonly effectiveClasses: number;
  /** Mean entropy of a single sample's label over log of the block's size: 0 for one class alone, 1 for all equally. */
  readonly sampleEntropy: number;
  /**
   * Mutual information of sample and label over log of the block's size, the shares' entropy less the samples': 0 where all
   * samples have the same label, 1 where each has one class and all classes are used evenly.
   */
  readonly sharpness: number;
  /** The meta-gradient's share beside the regulariser's in what moves these samples' labels, 0 to 1; where labels are learned. */
  readonly metaShare?: number;
}

/** Means over one epoch, weighted by samples. */
export interface EpochMetrics extends PrimaryScores, ValidationScores {
  readonly primaryLoss: number;
  readonly learningRate: number;
  readonly auxiliaryLoss?: number;
  readonly gradientCosine?: number;
  readonly primaryLossAfter?: number;
  readonly regulariser?: number;
  readonly metaGradientNorm?: number;
  readonly metaCotangentNorm?: number;
  readonly regulariserCotangentNorm?: number;
  /** The meta-gradient's part in the sum of these two norms, 0 to 1. */
  readonly metaShare?: number;
  /** Over the primary classes that have several auxiliary ones: the shares' entropy over log of the block's size. */
  readonly labelEvenness?: number;
  /** Over the same classes, as {@link LabelUse} has them; sharpness is evenness less sample entropy. */
  readonly labelSampleEntropy?: number;
  readonly labelSharpness?: number;
  readonly validationLoss?: number;
}

export interface Summary {
  readonly name: string;
  readonly seed: number;
  readonly strategy: string;
  readonly epochs: number;
  readonly parameters: number;
  /** The weights of the last epoch. */
  readonly test: Evaluation;
  /** The weights of the epoch that was best on the validation split; where the pipeline asks for them. */
  readonly selected?: { readonly epoch: number; readonly validation: Evaluation; readonly test: Evaluation };
  /** Mean test score after each of the last epochs; where the pipeline asks for it. */
  readonly lastEpochs?: { readonly epochs: number; readonly meanAccuracy?: number; readonly meanR2?: number };
  readonly metrics: EpochMetrics;
  readonly labelUse?: readonly LabelUse[];
  /** Mean gradient cosine over all measured steps. */
  readonly gradientCosine?: number;
  readonly durationMs: number;
}

/** What may be meant otherwise, though nothing is broken; the code is in docs/errors.md. */
export interface Warning {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What happens in a run, without the envelope. Plain data, never tensors. */
export type RunEventBody =
  | {
      readonly type: 'run:start';
      readonly name: string;
      readonly seed: number;
      /** Folder of this run; absent when the pipeline writes none. */
      readonly directory?: string;
      /** The resolved pipeline, defaults filled in. */
      readonly config: unknown;
      readonly strategy: string;
      readonly epochs: number;
      readonly trainSamples: number;
      readonly parameters: number;
      /** Absent in records of before it was told. */
      readonly engine?: EngineInfo;
      /** Names of an epoch's passes and the steps of each. */
      readonly passes: readonly { readonly name: string; readonly steps: number }[];
      /**
       * In the stream of a resumed run alone, never in its record: events before this sequence number are told once more,
       * steps left out, as they were recorded.
       */
      readonly resumed?: { readonly sequence: number };
    }
  | { readonly type: 'prepare:start'; readonly stage: string }
  | {
      readonly type: 'prepare:progress';
      readonly stage: string;
      readonly fraction: number;
      readonly metrics?: Readonly<Record<string, number>>;
    }
  | { readonly type: 'prepare:end'; readonly stage: string; readonly durationMs: number }
  | { readonly type: 'epoch:start'; readonly epoch: number; readonly epochs: number }
  | (StepMeasurement & InPass)
  | (MetaStepMeasurement & InPass)
  | ({ readonly type: 'evaluate:end'; readonly epoch: number; readonly durationMs: number } & Evaluation)
  | {
      readonly type: 'epoch:end';
      readonly epoch: number;
      readonly epochs: number;
      readonly metrics: EpochMetrics;
      readonly labelUse?: readonly LabelUse[];
      readonly durationMs: number;
    }
  | { readonly type: 'checkpoint:written'; readonly epoch: number; readonly path: string; readonly bytes: number }
  | ({ readonly type: 'warning' } & Warning)
  | { readonly type: 'listener:error'; readonly listener: string; readonly error: ErrorReport }
  | { readonly type: 'run:end'; readonly summary: Summary; readonly durationMs: number }
  | {
      readonly type: 'run:stopped';
      readonly reason: string;
      readonly epoch: number;
      /** The last checkpoint, to go on from. */
      readonly checkpoint?: string;
      readonly durationMs: number;
    }
  | {
      readonly type: 'run:failed';
      readonly error: ErrorReport;
      readonly checkpoint?: string;
      readonly durationMs: number;
    };

/**
 * One event of a run: frozen data with a sequence number from 0 and the wall-clock time in milliseconds since 1970.
 * Epochs count from 1.
 */
export type RunEvent = RunEventBody & { readonly sequence: number; readonly time: number };

export type RunEventOf<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

/**
 * A type guard for one kind of event.
 * @example run.pipe(filter(isEvent('epoch:end'))).subscribe(({ epoch, metrics }) => console.log(epoch, metrics))
 */
export const isEvent =
  <T extends RunEvent['type']>(type: T) =>
  (event: RunEvent): event is RunEventOf<T> =>
    event.type === type;
