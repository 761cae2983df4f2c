import type { Network } from '../../core/autodiff/index.js';
import type { tf } from '../../core/engine/index.js';
import type { Batch, Combiner, LabelLinearisation, Optimizer } from '../../core/stages/index.js';
import type { Learner, Objective } from '../../core/training/index.js';

/** What theta1's step is made of. */
export interface InnerStep {
  readonly network: Network;
  readonly objective: Objective;
  readonly combiner: Combiner;
  readonly optimizer: Optimizer;
  /** theta1's current rate, which is the look-ahead's too. */
  readonly learningRate: number;
}

/** How the labels should change, and what was seen on the way. */
export interface MetaDirection extends Disposable {
  /** Gradient in the labels of the primary loss at theta1+, float32 `[batch, outputs]`; owned by the direction. */
  readonly cotangent: tf.Tensor;
  readonly primaryLossBefore: number;
  readonly primaryLossAfter: number;
}

/**
 * A method: the gradient in the labels of the primary loss after theta1's next step on `batch`. Leaves theta1 as it is;
 * everything given is borrowed.
 */
export type MetaGradient = (
  theta1: Learner,
  batch: Batch,
  labels: LabelLinearisation,
  inner: InnerStep,
) => MetaDirection;
