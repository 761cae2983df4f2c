import { tf } from '../../core/engine/index.js';
import type { Regulariser } from '../../core/stages/index.js';

/**
 * The entropy term (paper, section 3.4, equation 7): H = sum_k ybar_k log ybar_k over the batch mean ybar, minimised, so
 * that the auxiliary classes are used evenly and don't collapse. A class that no sample uses adds 0, and its gradient is 0.
 */
export const entropy = (weight: number): Regulariser => ({
  weight,

  apply: (targets) =>
    tf.tidy(() => {
      const mean = tf.mean(targets, 0);
      return tf.sum(tf.mul(mean, safeLog(mean)));
    }),

  cotangent: (targets) =>
    tf.tidy(() => {
      const mean = tf.mean(targets, 0);
      const slope = tf.where(tf.greater(mean, 0), tf.add(safeLog(mean), 1), tf.zerosLike(mean));
      return tf.broadcastTo(tf.div(slope, targets.shape[0]), targets.shape);
    }),
});

/** log x, and 0 where x is 0; safe on the tape too. */
const safeLog = (x: tf.Tensor): tf.Tensor => tf.log(tf.where(tf.greater(x, 0), x, tf.onesLike(x)));
