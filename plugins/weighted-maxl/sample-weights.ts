import { tf } from '../../core/engine/index.js';

/**
 * Weights between 0 and `largest`, largest * sigmoid(score), differentiable on the tape.
 * @param scores float32 `[batch, 1]`, borrowed
 * @returns float32 `[batch]`, owned by the caller
 */
export const sampleWeights = (scores: tf.Tensor, largest: number): tf.Tensor1D =>
  tf.tidy(() => tf.mul(tf.sigmoid(tf.reshape(scores, [-1])), largest));

/** Pulls a cotangent `[batch]` of the weights back to the scores `[batch, 1]`; owned by the caller. */
export const sampleWeightsPullback = (weights: tf.Tensor1D, cotangent: tf.Tensor, largest: number): tf.Tensor =>
  tf.tidy(() => {
    const slope = tf.mul(weights, tf.sub(1, tf.div(weights, largest)));
    return tf.reshape(tf.mul(cotangent, slope), [-1, 1]);
  });
