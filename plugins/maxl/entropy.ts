import { tf } from '../../core/engine/index.js';

/** A term on soft labels whose rows are distributions, minimised with the meta-objective. */
export interface LabelTerm {
  /** In tfjs operations, differentiable to any order; owned by the caller. */
  apply(labels: tf.Tensor2D): tf.Scalar;
  /** Gradient in the labels, of their shape; owned by the caller. */
  cotangent(labels: tf.Tensor2D): tf.Tensor2D;
}

/**
 * The entropy term (paper, section 3.4, equation 7): H = sum_k ybar_k log ybar_k over the batch mean ybar, minimised, so
 * that the auxiliary classes are used evenly and don't collapse. A class that no sample uses adds 0, and its gradient is 0.
 */
export const entropy: LabelTerm = {
  apply: (labels) =>
    tf.tidy(() => {
      const mean = tf.mean(labels, 0);
      return tf.sum(tf.mul(mean, safeLog(mean)));
    }),

  cotangent: (labels) =>
    tf.tidy(() => {
      const slope = entropySlope(tf.mean(labels, 0));
      return tf.broadcastTo(tf.div(slope, labels.shape[0]), labels.shape);
    }),
};

/**
 * The entropy term of each primary class's samples by themselves, averaged over the primary classes in the batch. Since
 * blocks don't overlap, the term over the whole batch is that of the primary classes' shares, which no label changes, plus
 * these terms weighted by the shares; here a rare class counts as much as a frequent one.
 */
export function entropyPerPrimary(psi: readonly number[]): LabelTerm {
  /** Each sample's part in the mean of its own class, `[batch, primary classes]`, and how many classes the batch has. */
  const members = (labels: tf.Tensor2D): { readonly parts: tf.Tensor2D; readonly present: tf.Scalar } => {
    const owners = tf.round(tf.matMul(labels, blockColumns(psi)));
    const sizes = tf.sum(owners, 0);
    return { parts: tf.div<tf.Tensor2D>(owners, tf.maximum(sizes, 1)), present: tf.sum(tf.minimum(sizes, 1)) };
  };
  return {
    apply: (labels) =>
      tf.tidy(() => {
        const { parts, present } = members(labels);
        const means = tf.matMul(parts, labels, true);
        return tf.div<tf.Scalar>(tf.sum(tf.mul(means, safeLog(means))), present);
      }),

    cotangent: (labels) =>
      tf.tidy(() => {
        const { parts, present } = members(labels);
        const slopes = entropySlope(tf.matMul(parts, labels, true));
        return tf.div(tf.matMul(parts, slopes as tf.Tensor2D), present);
      }),
  };
}

/** The entropy of each sample's own label in nats, batch mean, minimised, so that labels become sure of one class. */
export const sampleEntropy: LabelTerm = {
  apply: (labels) => tf.tidy(() => tf.neg(tf.mean<tf.Scalar>(tf.sum(tf.mul(labels, safeLog(labels)), 1)))),
  cotangent: (labels) => tf.tidy(() => tf.div<tf.Tensor2D>(entropySlope(labels), -labels.shape[0])),
};

/** log x, and 0 where x is 0; safe on the tape too. */
const safeLog = (x: tf.Tensor): tf.Tensor => tf.log(tf.where(tf.greater(x, 0), x, tf.onesLike(x)));

/** The derivative of x log x, and 0 where x is 0. */
const entropySlope = (x: tf.Tensor): tf.Tensor => tf.where(tf.greater(x, 0), tf.add(safeLog(x), 1), tf.zerosLike(x));

/** float32 `[sum(psi), primary classes]`: 1 where an auxiliary class belongs to a primary one. */
function blockColumns(psi: readonly number[]): tf.Tensor2D {
  const rows = psi.flatMap((size, i) => Array<number[]>(size).fill(psi.map((_, other) => (other === i ? 1 : 0))));
  return tf.tensor2d(rows);
}
