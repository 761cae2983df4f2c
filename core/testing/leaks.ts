import type { Layer, Mode, Variables } from '../autodiff/index.js';
import { tf } from '../engine/index.js';

/** Tensors that linearising, pulling back and pushing forward leave behind once everything is disposed. */
export function leaks(layer: Layer, variables: Variables, x: tf.Tensor, mode: Mode): number {
  const before = tf.memory().numTensors;
  {
    using point = layer.linearize(variables, x, mode);
    using u = tf.onesLike(point.output);
    using dx = tf.onesLike(x);
    tf.dispose(point.pushforward({}, dx));
    tf.dispose(point.pushforward(variables.params));
    for (const release of [false, true]) {
      const { params, input } = point.pullback(u, { input: !release, release });
      tf.dispose([params, input ?? []]);
    }
    tf.dispose(layer.apply(variables, x, mode));
  }
  return tf.memory().numTensors - before;
}
