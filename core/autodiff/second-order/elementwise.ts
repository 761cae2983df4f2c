import { tf } from '../../engine/index.js';
import { run } from './tape.js';

/** Sums a gradient over the axes along which an input of this shape was broadcast. */
export function sumTo(gradient: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const axes = tf.broadcast_util.getReductionAxes([...shape], gradient.shape);
  return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, [...shape]);
}

/** tfjs forgets that these broadcast. */
for (const kernelName of ['BatchMatMul', 'Maximum', 'Minimum', 'SquaredDifference']) {
  const stock = tf.getGradient(kernelName);
  tf.registerGradient({
    ...stock,
    gradFunc: (dy, saved, attributes) => {
      const { a, b } = stock.gradFunc(dy, saved, attributes) as Record<'a' | 'b', () => tf.Tensor>;
      return { a: () => sumTo(a(), saved[0]!.shape), b: () => sumTo(b(), saved[1]!.shape) };
    },
  });
}

/** `dy` below zero times `y + 1`, as `y` is the output of elu. */
tf.registerGradient({
  kernelName: 'EluGrad',
  inputsToSave: ['dy', 'y'],
  gradFunc: (tangent, saved) => {
    const [dy, y] = saved as [tf.Tensor, tf.Tensor];
    return {
      dy: () => run('EluGrad', { dy: tangent as tf.Tensor, y }),
      y: () => tf.mul(tf.mul(tangent as tf.Tensor, dy), tf.cast(tf.less(y, 0), 'float32')),
    };
  },
});

const selu = { scale: 1.0507009873554805, alpha: 1.6732632423543772 };

/** The exponential of what isn't used would overflow and turn zero into NaN one order further. */
tf.registerGradient({
  kernelName: 'Selu',
  inputsToSave: ['x'],
  gradFunc: (dy, saved) => {
    const [x] = saved as [tf.Tensor];
    const slope = (): tf.Tensor =>
      tf.where(tf.greater(x, 0), tf.onesLike(x), tf.mul(tf.exp(tf.minimum(x, 0)), selu.alpha));
    return { x: () => tf.mul(tf.mul(dy as tf.Tensor, slope()), selu.scale) };
  },
});

const powGradient = tf.getGradient('Pow');

/** The logarithm of what isn't positive would turn zero into NaN one order further. */
tf.registerGradient({
  ...powGradient,
  gradFunc: (dy, saved, attributes) => {
    const [base, exponent, y] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
    const logarithm = (): tf.Tensor => tf.log(tf.where(tf.greater(base, 0), base, tf.onesLike(base)));
    return {
      ...powGradient.gradFunc(dy, saved, attributes),
      b: () => sumTo(tf.mul(dy as tf.Tensor, tf.mul(y, logarithm())), exponent.shape),
    };
  },
});
