import { tf } from '../../core/engine/index.js';

/** The likeliest class of each row as a one-hot row, the first where several are; owned by the caller. */
export const likeliest = (labels: tf.Tensor2D): tf.Tensor2D =>
  tf.tidy(() => tf.oneHot(tf.argMax(labels, 1), labels.shape[1], 1, 0, 'float32') as tf.Tensor2D);

/**
 * The likeliest classes forward and the identity backward, on the tape: the straight-through estimator (Bengio, Leonard
 * and Courville 2013, "Estimating or Propagating Gradients Through Stochastic Neurons").
 */
export const straightThrough = (labels: tf.Tensor2D): tf.Tensor2D =>
  tf.customGrad<tf.Tensor2D>((soft) => ({
    value: likeliest(soft as tf.Tensor2D),
    gradFunc: (cotangent: tf.Tensor) => cotangent.clone(),
  }))(labels);
