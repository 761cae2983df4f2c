import { attribute, nativeOp, tf } from '../engine/index.js';

/*
 * TensorFlow operations that tfjs has no fast function for, run on the native engine outside the tape.
 * All take and return float32 NHWC tensors; results belong to the caller.
 */

type Attributes = Parameters<typeof nativeOp>[2];

const float = (attributes: Attributes = {}): Attributes => ({ T: attribute.float32(), ...attributes });

const single = (name: string, inputs: tf.Tensor[], attributes: Attributes): tf.Tensor =>
  nativeOp(name, inputs, attributes)[0]!;

const nhwc = { data_format: attribute.string('NHWC') };

export interface ConvOptions {
  readonly strides: number;
  readonly padding: 'same' | 'valid';
}

const convAttributes = ({ strides, padding }: ConvOptions): Attributes =>
  float({
    strides: attribute.int([1, strides, strides, 1]),
    padding: attribute.string(padding.toUpperCase()),
    dilations: attribute.int([1, 1, 1, 1]),
    ...nhwc,
  });

/** `x` `[n, h, w, in]` with `kernel` `[kh, kw, in, out]`. */
export const conv2d = (x: tf.Tensor, kernel: tf.Tensor, options: ConvOptions): tf.Tensor =>
  single('Conv2D', [x, kernel], convAttributes(options));

export function conv2dBackpropInput(
  inputShape: readonly number[],
  kernel: tf.Tensor,
  dy: tf.Tensor,
  options: ConvOptions,
): tf.Tensor {
  using shape = tf.tensor1d([...inputShape], 'int32');
  return single('Conv2DBackpropInput', [shape, kernel, dy], convAttributes(options));
}

export function conv2dBackpropFilter(
  x: tf.Tensor,
  kernelShape: readonly number[],
  dy: tf.Tensor,
  options: ConvOptions,
): tf.Tensor {
  using shape = tf.tensor1d([...kernelShape], 'int32');
  return single('Conv2DBackpropFilter', [x, shape, dy], convAttributes(options));
}

/** Adds `bias` `[channels]` along the last axis. */
export const biasAdd = (x: tf.Tensor, bias: tf.Tensor): tf.Tensor => single('BiasAdd', [x, bias], float(nhwc));

/** Sum over all axes but the last. */
export const biasAddGrad = (dy: tf.Tensor): tf.Tensor => single('BiasAddGrad', [dy], float(nhwc));

/** `dy` where `y` > 0: the pullback and the pushforward of ReLU at output `y`. */
export const reluGrad = (dy: tf.Tensor, y: tf.Tensor): tf.Tensor => single('ReluGrad', [dy, y], float());

const poolAttributes = (size: number): Attributes =>
  float({
    ksize: attribute.int([1, size, size, 1]),
    strides: attribute.int([1, size, size, 1]),
    padding: attribute.string('VALID'),
    ...nhwc,
  });

export const maxPool = (x: tf.Tensor, size: number): tf.Tensor => single('MaxPool', [x], poolAttributes(size));

export const maxPoolGrad = (x: tf.Tensor, y: tf.Tensor, dy: tf.Tensor, size: number): tf.Tensor =>
  single('MaxPoolGrad', [x, y, dy], poolAttributes(size));

/** The values of `tangent` `[n, h, w, c]` where `x` has its window maxima: the pushforward of max pooling. */
export const maxPoolGradGrad = (x: tf.Tensor, y: tf.Tensor, tangent: tf.Tensor, size: number): tf.Tensor =>
  single('MaxPoolGradGrad', [x, y, tangent], poolAttributes(size));

/** What a fused batch norm saves for its gradient: mean, variance (or its inverse root) and the engine's scratch. */
export type Reserve = readonly [tf.Tensor, tf.Tensor, tf.Tensor];

export interface FusedBatchNorm {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  /** Unbiased, as running statistics want it. */
  readonly variance: tf.Tensor;
  readonly reserve: Reserve;
}

const batchNormAttributes = (epsilon: number, training: boolean): Attributes =>
  float({
    U: attribute.float32(),
    epsilon: attribute.float(epsilon),
    is_training: attribute.bool(training),
    ...nhwc,
  });

/** Normalises `x` `[n, h, w, c]` by its own statistics, then scales and shifts by `[c]`. */
export function batchNormTraining(x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor, epsilon: number): FusedBatchNorm {
  using empty = tf.tensor1d([], 'float32');
  const outputs = nativeOp('FusedBatchNormV3', [x, scale, offset, empty, empty], batchNormAttributes(epsilon, true), 6);
  const [y, mean, variance, r1, r2, r3] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return { y, mean, variance, reserve: [r1, r2, r3] };
}

/** Normalises `x` by given statistics `[c]`, then scales and shifts. */
export function batchNormFixed(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const [y, ...rest] = nativeOp(
    'FusedBatchNormV3',
    [x, scale, offset, mean, variance],
    batchNormAttributes(epsilon, false),
    6,
  ) as [tf.Tensor, ...tf.Tensor[]];
  tf.dispose(rest);
  return y;
}

/** Pulls `dy` back through a training batch norm at `x`. */
export function batchNormGrad(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  reserve: Reserve,
  epsilon: number,
): { x: tf.Tensor; scale: tf.Tensor; offset: tf.Tensor } {
  const [dx, dScale, dOffset, ...rest] = nativeOp(
    'FusedBatchNormGradV3',
    [dy, x, scale, ...reserve],
    batchNormAttributes(epsilon, true),
    5,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  tf.dispose(rest);
  return { x: dx, scale: dScale, offset: dOffset };
}
