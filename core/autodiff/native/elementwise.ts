import { attribute, tf } from '../../engine/index.js';
import { float, nhwc, single } from './single.js';

/** The matrix product of `a` and `b`, either transposed or not. */
export const matMul = (a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor =>
  single('MatMul', [a, b], float({ transpose_a: attribute.bool(transposeA), transpose_b: attribute.bool(transposeB) }));

/** Half the sum of squares, a scalar. */
export const halfSquares = (x: tf.Tensor): tf.Tensor => single('L2Loss', [x], float());

/** Adds `bias` `[channels]` along the last axis. */
export const biasAdd = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor => single('BiasAdd', [x, bias], float(nhwc));

/** Sum over all axes but the last. */
export const biasAddGrad = (dy: tf.Tensor): tf.Tensor => single('BiasAddGrad', [dy], float(nhwc));

/** `dy` where `y` > 0: the pullback and the pushforward of ReLU at output `y`. */
export const reluGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => single('ReluGrad', [dy, y], float());

export const relu = (x: tf.Tensor): tf.Tensor => single('Relu', [x], float());

/** `dy` (1 - y^2), at tanh's output `y`. */
export const tanhGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => single('TanhGrad', [y, dy], float());

/** `dy` y (1 - y), at the sigmoid's output `y`. */
export const sigmoidGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => single('SigmoidGrad', [y, dy], float());

/** `dy` where `y` > 0, `dy` (y + 1) elsewhere, at ELU's output `y`. */
export const eluGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => single('EluGrad', [dy, y], float());

/** `dy` sigmoid(x), at softplus' input `x`. */
export const softplusGrad = (dy: tf.Tensor, x: tf.Tensor): tf.Tensor => single('SoftplusGrad', [dy, x], float());

/** float32 in [0, 1), a pure function of two int32 seeds (Philox), whatever the number of threads. */
export function uniform(shape: readonly number[], seeds: readonly [number, number]): tf.Tensor {
  using dimensions = tf.tensor1d([...shape], 'int32');
  using seed = tf.tensor1d([...seeds], 'int32');
  const int32 = attribute.int32();
  return single('StatelessRandomUniform', [dimensions, seed], { dtype: attribute.float32(), T: int32, Tseed: int32 });
}
