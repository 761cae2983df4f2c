import type { ServiceIdentifier } from 'inversify';
import type { tf } from '../engine/index.js';

/** A loss at one point, with the derivatives that training and meta-learning need. */
export interface LossPoint extends Disposable {
  /** Mean over the batch. */
  readonly value: number;
  /** The gradient in the network's output, float32 of its shape, 1/batch included; owned by the point. */
  readonly cotangent: tf.Tensor;
  /**
   * The mixed derivative: the gradient in the targets of the loss's change along a tangent of the output,
   * d/dY <dL/doutput, tangent>, float32 of the targets' shape, 1/batch included; owned by the caller.
   */
  mixed(tangent: tf.Tensor): tf.Tensor;
}

/** The loss stage: one task's mean loss of outputs (logits `[batch, classes]`, or predictions `[batch, outputs]`) against targets. */
export interface Loss {
  /** Which tasks it can be used in: those with classes by default. */
  readonly task?: 'classification' | 'regression';
  /**
   * @param targets of a classification hard int32 `[batch]` classes or soft float32 `[batch, classes]`, of a regression
   *   float32 of the outputs' shape; borrowed.
   * @param weights optional float32 `[batch]` weight per sample; borrowed.
   */
  at(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): LossPoint;
  /** The same loss in tfjs operations, float32 scalar, differentiable to any order on the tape. */
  apply(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): tf.Scalar;
}
/** Loss of the primary task. */
export const Loss: ServiceIdentifier<Loss> = Symbol.for('auxflow/Loss');
/** Loss of the auxiliary task; the primary task's unless pipeline or dataset say otherwise. */
export const AuxiliaryLoss: ServiceIdentifier<Loss> = Symbol.for('auxflow/AuxiliaryLoss');
