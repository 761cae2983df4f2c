import { tf } from '../../engine/index.js';
import { taped } from './tape.js';

const stock = tf.getGradient('Prod');

/**
 * The derivative in each factor is the product of the others. tfjs takes it from cumulative products, which have no
 * gradient; to be differentiated itself it multiplies n x n values, each row without one factor, so zeros do no harm.
 */
tf.registerGradient({
  kernelName: 'Prod',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attributes) => {
    const [x] = saved as [tf.Tensor];
    const axes = tf.util.parseAxisParam(attributes['axis'] as number[], x.shape).sort((a, b) => a - b);
    if (!taped()) return stock.gradFunc(dy, saved, { ...attributes, axis: axes });
    return {
      x: () => {
        const rest = x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
        const order = [...rest, ...axes];
        const factors = tf.transpose(x, order);
        const outer = rest.map((axis) => x.shape[axis]!);
        const n = axes.reduce((size, axis) => size * x.shape[axis]!, 1);
        const rows = tf.broadcastTo(tf.reshape(factors, [...outer, 1, n]), [...outer, n, n]);
        const own = tf.broadcastTo(tf.cast(tf.eye(n), 'bool'), [...outer, n, n]);
        const others = tf.prod(tf.where(own, tf.onesLike(rows), rows), -1);
        const gradient = tf.mul(others, tf.reshape(dy as tf.Tensor, [...outer, 1]));
        return tf.transpose(
          tf.reshape(gradient, factors.shape),
          order.map((_, axis) => order.indexOf(axis)),
        );
      },
    };
  },
});
