// TensorFlow.js on its native engine. Everything imports it from here, so that it is prepared first and loaded once.
import './prepare.js';
import * as tf from '@tensorflow/tfjs-node';

declare module '@tensorflow/tfjs-core/dist/tensor.js' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- a merged declaration repeats the type parameters
  interface Tensor<R extends tf.Rank = tf.Rank> extends Disposable {}
}

/** `using x = tf.square(y)` frees x at the end of its block. */
tf.Tensor.prototype[Symbol.dispose] = tf.Tensor.prototype.dispose;

export { tf };
