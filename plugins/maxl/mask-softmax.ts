import { tf } from '../../core/engine/index.js';
import { blockStarts } from '../../core/stages/index.js';

/**
 * Which auxiliary classes each sample may have: those of its primary class's block.
 * @returns bool `[batch, sum(psi)]`, owned by the caller
 */
export function blockMask(primaryClasses: Int32Array, psi: readonly number[]): tf.Tensor2D {
  const starts = blockStarts(psi);
  const outputs = psi.reduce((sum, size) => sum + size, 0);
  const mask = new Uint8Array(primaryClasses.length * outputs);
  for (const [n, primary] of primaryClasses.entries()) {
    const start = n * outputs + starts[primary]!;
    mask.fill(1, start, start + psi[primary]!);
  }
  return tf.tensor2d(mask, [primaryClasses.length, outputs], 'bool');
}

/**
 * The mask softmax (paper, section 3.3, equation 6): a softmax over each sample's own block, exactly zero outside.
 * The excluded logits become -infinity, so nothing overflows and no mass leaks, however large the logits.
 * @param logits float32 `[batch, sum(psi)]`, borrowed
 * @param mask bool of the same shape, borrowed
 * @param temperature divides the logits: below 1 labels are sharper, above 1 softer
 * @returns float32 of the same shape, rows sum to 1; owned by the caller; differentiable to any order on the tape
 */
export const maskSoftmax = (logits: tf.Tensor, mask: tf.Tensor2D, temperature = 1): tf.Tensor2D =>
  tf.tidy(() => {
    const scaled = temperature === 1 ? logits : tf.div(logits, temperature);
    return tf.softmax(tf.where(mask, scaled, tf.fill(logits.shape, -Infinity))) as tf.Tensor2D;
  });

/** Pulls a cotangent of `labels` = maskSoftmax(logits) back to the logits; owned by the caller. */
export const maskSoftmaxPullback = (labels: tf.Tensor2D, cotangent: tf.Tensor, temperature = 1): tf.Tensor =>
  tf.tidy(() => {
    const scaled = tf.mul(labels, tf.sub(cotangent, tf.sum(tf.mul(labels, cotangent), -1, true)));
    return temperature === 1 ? scaled : tf.div(scaled, temperature);
  });
