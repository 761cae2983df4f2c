import { tf } from '../../engine/index.js';
import { sumTo } from './elementwise.js';

/** Of statistics that are given; they and the affine map may be `[c]` or of any shape that broadcasts. */
tf.registerGradient({
  kernelName: 'FusedBatchNorm',
  inputsToSave: ['x', 'mean', 'variance', 'scale', 'offset'],
  gradFunc: (gradient, saved, { varianceEpsilon }) => {
    const dy = gradient as tf.Tensor;
    const [x, mean, variance, scale, offset] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const inverse = tf.rsqrt(tf.add(variance, varianceEpsilon as number));
    const normalised = (): tf.Tensor => tf.mul(tf.sub(x, mean), inverse);
    const dx = (): tf.Tensor => tf.mul(dy, tf.mul(scale, inverse));
    return {
      x: dx,
      mean: () => sumTo(tf.neg(dx()), mean.shape),
      variance: () => sumTo(tf.mul(tf.mul(dx(), normalised()), tf.mul(inverse, -0.5)), variance.shape),
      scale: () => sumTo(tf.mul(dy, normalised()), scale.shape),
      offset: () => sumTo(dy, offset.shape),
    };
  },
});
