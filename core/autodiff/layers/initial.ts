import { tf } from '../../engine/index.js';
import type { Generator } from '../../engine/index.js';

/** Uniform in +-1/sqrt(fanIn): the usual default for kernels and biases of dense and convolutional layers. */
export function fanInUniform(shape: number[], fanIn: number, random: Generator): tf.Tensor {
  const bound = 1 / Math.sqrt(fanIn);
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => random.uniform(-bound, bound)),
    shape,
  );
}
