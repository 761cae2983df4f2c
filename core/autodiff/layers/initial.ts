import { tf } from '../../engine/index.js';
import type { Generator } from '../../engine/index.js';
import { expectRoom } from './room.js';

/** Numbers drawn before they are handed to the engine. */
const portion = 2 ** 16;

/**
 * Uniform in +-1/sqrt(fanIn): the usual default for kernels and biases of dense and convolutional layers. A large kernel is
 * drawn in portions, so that no second copy of it waits for the garbage collector.
 * @throws Error for one larger than all memory
 */
export function fanInUniform(shape: number[], fanIn: number, random: Generator): tf.Tensor {
  expectRoom(shape);
  const bound = 1 / Math.sqrt(fanIn);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const scratch = new Float32Array(Math.min(size, portion));
  return tf.tidy(() => {
    const portions: tf.Tensor[] = [];
    for (let from = 0; from < size; from += portion) {
      const values = scratch.subarray(0, size - from);
      for (let i = 0; i < values.length; i++) values[i] = random.uniform(-bound, bound);
      // An operation copies the values at once; a tensor alone would still refer to them.
      portions.push(tf.add(tf.tensor1d(values), 0));
    }
    return tf.reshape(tf.concat(portions), shape);
  });
}
