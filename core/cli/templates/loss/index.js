/** @import { Loss, LossPoint } from 'auxflow' */
import { definePlugin, injects, stage, tf, z } from 'auxflow';

const Config = z.strictObject({});

/**
 * The squared distance of the predicted probabilities from the targets, sum_k (p_k - t_k)^2, batch mean (Brier 1950,
 * "Verification of forecasts expressed in terms of probability"). Between 0 and 2.
 * @implements {Loss}
 */
export class MyPlugin {
  /**
   * The loss on the tape, differentiable to any order; owned by the caller.
   * @param {tf.Tensor} output logits `[batch, classes]`; borrowed, as the others are
   * @param {tf.Tensor} targets int32 `[batch]` classes, or float32 `[batch, classes]`
   * @param {tf.Tensor} [weights] float32 `[batch]`
   * @returns {tf.Scalar}
   */
  apply(output, targets, weights) {
    return tf.tidy(() => {
      const perSample = tf.sum(tf.square(tf.sub(tf.softmax(output), soft(targets, output))), -1);
      return tf.mean(weights ? tf.mul(perSample, weights) : perSample);
    });
  }

  /**
   * The loss at one point, with its derivatives. With J = diag(p) - p p^T, the softmax's own derivative, the gradient in the
   * logits is 2/N J (p - t), and its change along a tangent u, by the targets, -2/N J u.
   * @param {tf.Tensor} output
   * @param {tf.Tensor} targets
   * @param {tf.Tensor} [weights]
   * @returns {LossPoint}
   */
  at(output, targets, weights) {
    const share = tf.tidy(() => tf.div(tf.mul(2, weights ? tf.reshape(weights, [-1, 1]) : 1), output.shape[0] ?? 1));
    const p = tf.softmax(output);
    const timesJ = (/** @type {tf.Tensor} */ v) => tf.mul(share, tf.mul(p, tf.sub(v, tf.sum(tf.mul(p, v), -1, true))));
    const cotangent = tf.tidy(() => timesJ(tf.sub(p, soft(targets, output))));
    return {
      value: tf.tidy(() => this.apply(output, targets, weights).arraySync()),
      cotangent,
      mixed: (tangent) => tf.tidy(() => tf.neg(timesJ(tangent))),
      [Symbol.dispose]: () => tf.dispose([share, p, cotangent]),
    };
  }
}
injects(MyPlugin);

/**
 * Classes as one-hot rows; distributions as they are.
 * @param {tf.Tensor} targets
 * @param {tf.Tensor} output
 */
const soft = (targets, output) =>
  targets.rank === 1 ? tf.oneHot(targets, output.shape[1] ?? 1, 1, 0, 'float32') : targets;

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { loss: [stage('my-plugin', 'squared error of the probabilities (Brier 1950)', Config, MyPlugin)] },
});
