import type { ServiceIdentifier } from 'inversify';
import type { Mode, Params, Variables } from '../autodiff/index.js';
import type { Snapshot } from '../checkpoint/index.js';
import type { tf, Generator } from '../engine/index.js';
import type { Learner } from '../training/index.js';
import type { Batch } from './dataset.js';

/** The output that a strategy asks the main network for. */
export interface AuxiliaryHead {
  readonly task: 'classification' | 'regression';
  /** Logits or regression outputs. */
  readonly outputs: number;
  /** The hierarchy psi: auxiliary classes owned by each primary class; absent where labels have no such blocks. */
  readonly psi?: readonly number[];
}

/** Auxiliary targets of one batch, or of more `inputs`; owned by the caller. */
export interface Labels extends Disposable {
  /** float32 `[batch, outputs]`; for classification each row is a distribution. */
  readonly targets: tf.Tensor;
  /**
   * Inputs to train on instead of the batch's own (rotated images, say). Where they are more than the batch's, the first
   * ones belong to its samples in order and are the primary task's, and all are the auxiliary task's.
   */
  readonly inputs?: tf.Tensor;
  /** float32 `[batch]` weight of each sample in the auxiliary loss. */
  readonly weights?: tf.Tensor;
}

/** What a strategy reports while it prepares. */
export interface PrepareProgress {
  /** Share done, 0 to 1. */
  readonly fraction: number;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** The source of auxiliary labels: the strategy that pipelines swap. */
export interface AuxiliaryLabels {
  /** `undefined`: the network has no auxiliary head and trains on the primary task alone. */
  readonly head: AuxiliaryHead | undefined;
  /** Work before the first epoch: fit clusters, train an autoencoder, draw labels. Between two items the run may stop. */
  prepare?(): AsyncIterable<PrepareProgress> | Iterable<PrepareProgress>;
  /** Work at the start of each epoch, such as clustering anew. */
  epochStart?(epoch: number): Promise<void> | void;
  /**
   * Targets for `batch`; only called where there is a `head`.
   * @param theta2 a learned strategy's own weights
   * @param theta1 the main network's, where a training step of it asks; borrowed
   */
  for(batch: Batch, theta2: Learner | undefined, theta1?: Learner): Labels;
  /** What must survive a restart besides theta2: fixed labels, clusters. The tensors are borrowed. */
  snapshot?(): Snapshot;
  restore?(snapshot: Snapshot): void;
}
export const AuxiliaryLabels: ServiceIdentifier<AuxiliaryLabels> = Symbol.for('auxflow/AuxiliaryLabels');

/** Soft labels at theta2, and weights where they are learned too, with the way back to theta2. */
export interface LabelLinearisation extends Disposable {
  /** float32 `[batch, outputs]`, owned by the linearisation. */
  readonly targets: tf.Tensor2D;
  /** float32 `[batch]` learned weight of each sample in the auxiliary loss, owned by the linearisation. */
  readonly weights?: tf.Tensor1D;
  /**
   * The gradient in theta2 of `<targets, cotangent>`, plus that of the weights along theirs; owned by the caller.
   * @param options.weights cotangent of the weights; without it they count as fixed
   * @param options.release this is the last use: activations are freed on the way
   */
  pullback(cotangent: tf.Tensor, options?: { readonly weights?: tf.Tensor; readonly release?: boolean }): Params;
  /** New running statistics of the label network, owned by the linearisation. */
  readonly stateUpdate: Params;
}

/** A term on the labels themselves, minimised together with the meta-objective. */
export interface Regulariser {
  readonly weight: number;
  /** What the meta-gradient is multiplied by beside this term; 1 by default. */
  readonly metaScale?: number;
  /** Value of the unweighted term in tfjs operations, differentiable to any order; owned by the caller. */
  apply(targets: tf.Tensor2D): tf.Scalar;
  /** Gradient of the unweighted term in the labels, float32 `[batch, outputs]`; owned by the caller. */
  cotangent(targets: tf.Tensor2D): tf.Tensor2D;
}

/** A strategy whose labels are a differentiable function of weights theta2, so that a meta-step can train them. */
export interface LearnedLabels extends AuxiliaryLabels {
  readonly regulariser: Regulariser;
  /** Which keys to turn where labels have collapsed to one class of a block, or are much the same for all its samples. */
  readonly advice?: { readonly collapsed: string; readonly uniform: string };
  /** Fresh theta2, owned by the caller. */
  init(random: Generator): Variables;
  linearize(theta2: Variables, batch: Batch, mode: Mode): LabelLinearisation;
  /** The same labels on the tape. */
  apply(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D;
  /** The same weights on the tape, where they are learned. */
  applyWeights?(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor1D;
  /** What the label network sees in the inputs, float32 `[batch, features]`, for maps of it; owned by the caller. */
  features?(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D;
}

export const isLearned = (labels: AuxiliaryLabels): labels is LearnedLabels => 'linearize' in labels;
