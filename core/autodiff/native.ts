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
  /** Distance between the inputs that neighbouring kernel entries meet; 1 by default. */
  readonly dilations?: number;
}

const square = (size: number): ReturnType<typeof attribute.int> => attribute.int([1, size, size, 1]);

const convAttributes = ({ strides, padding }: ConvOptions): Attributes =>
  float({ strides: square(strides), padding: attribute.string(padding.toUpperCase()), ...nhwc });

/** A convolution that is linear in `x` and in `kernel`, with its adjoints in both. */
export interface Convolution {
  run(x: tf.Tensor, kernel: tf.Tensor, options: ConvOptions): tf.Tensor;
  /** The adjoint in the input, of `inputShape`. */
  backpropInput(inputShape: readonly number[], kernel: tf.Tensor, dy: tf.Tensor, options: ConvOptions): tf.Tensor;
  /** The adjoint in the kernel, of `kernelShape`. */
  backpropFilter(x: tf.Tensor, kernelShape: readonly number[], dy: tf.Tensor, options: ConvOptions): tf.Tensor;
}

const plainConvolution = (forward: string, ofInput: string, ofFilter: string): Convolution => ({
  run: (x, kernel, options) => single(forward, [x, kernel], convAttributes(options)),
  backpropInput(inputShape, kernel, dy, options) {
    using shape = tf.tensor1d([...inputShape], 'int32');
    return single(ofInput, [shape, kernel, dy], convAttributes(options));
  },
  backpropFilter(x, kernelShape, dy, options) {
    using shape = tf.tensor1d([...kernelShape], 'int32');
    if (kernelShape[0] === 1 && options.strides > 1) {
      using met = everyNth(x, [options.strides, options.strides]);
      return single(ofFilter, [met, shape, dy], convAttributes({ ...options, strides: 1 }));
    }
    return single(ofFilter, [x, shape, dy], convAttributes(options));
  },
});

/**
 * The pixels of `x` `[n, h, w, c]` that a 1x1 kernel meets with these strides. On processors without AVX-512, oneDNN's
 * gradient of such a kernel is wrong where there are two strides and fewer than eight channels; without strides it isn't.
 */
export function everyNth(x: tf.Tensor, [down, right]: readonly [number, number]): tf.Tensor {
  using begin = tf.zeros([4], 'int32');
  using end = tf.tensor1d(x.shape, 'int32');
  using steps = tf.tensor1d([1, down, right, 1], 'int32');
  return single('StridedSlice', [x, begin, end, steps], float({ Index: attribute.int32() }));
}

/**
 * The same with dilation `d`: a plain `valid` convolution over `d * d` times as many images, each of every d-th row and
 * column. TensorFlow itself has gradients of dilated convolutions only with oneDNN's kernels, which it runs by default
 * only on processors with AVX-512; this needs neither and takes the same products.
 */
function dilatable(plain: Convolution): Convolution {
  const valid = { strides: 1, padding: 'valid' } as const;
  return {
    run(x, kernel, options) {
      if (!isDilated(options)) return plain.run(x, kernel, options);
      const { block, paddings, crops } = phases(x.shape, kernel.shape, options);
      using images = spaceToBatch(x, block, paddings);
      using y = plain.run(images, kernel, valid);
      return batchToSpace(y, block, crops);
    },
    backpropInput(inputShape, kernel, dy, options) {
      if (!isDilated(options)) return plain.backpropInput(inputShape, kernel, dy, options);
      const { block, paddings, crops, imagesShape } = phases(inputShape, kernel.shape, options);
      using cotangents = spaceToBatch(dy, block, crops);
      using images = plain.backpropInput(imagesShape, kernel, cotangents, valid);
      return batchToSpace(images, block, paddings);
    },
    backpropFilter(x, kernelShape, dy, options) {
      if (!isDilated(options)) return plain.backpropFilter(x, kernelShape, dy, options);
      const { block, paddings, crops } = phases(x.shape, kernelShape, options);
      using images = spaceToBatch(x, block, paddings);
      using cotangents = spaceToBatch(dy, block, crops);
      return plain.backpropFilter(images, kernelShape, cotangents, valid);
    },
  };
}

const isDilated = (options: ConvOptions): options is Dilated => (options.dilations ?? 1) > 1;

type Dilated = ConvOptions & { readonly dilations: number };

/** What the input is padded by and the output is cropped by, `[axis][before, after]`, so that `dilations` divides both. */
function phases(
  [count, height, width, channels]: readonly number[],
  [size]: readonly number[],
  { padding, dilations }: Dilated,
): { block: number[]; paddings: number[][]; crops: number[][]; imagesShape: number[] } {
  const around = padding === 'same' ? (size! - 1) * dilations : 0;
  const axes = [height!, width!].map((length) => {
    const images = Math.ceil((length + around) / dilations);
    const rest = images * dilations - length - around;
    const before = Math.floor(around / 2);
    return { images, paddings: [before, around - before + rest], crops: [0, rest] };
  });
  return {
    block: [dilations, dilations],
    paddings: axes.map(({ paddings }) => paddings),
    crops: axes.map(({ crops }) => crops),
    imagesShape: [count! * dilations * dilations, ...axes.map(({ images }) => images), channels!],
  };
}

const spaceOp =
  (name: string, marginName: string) =>
  (x: tf.Tensor, block: number[], margins: number[][]): tf.Tensor => {
    using blocks = tf.tensor1d(block, 'int32');
    using pixels = tf.tensor2d(margins, undefined, 'int32');
    const int32 = attribute.int32();
    return single(name, [x, blocks, pixels], float({ Tblock_shape: int32, [marginName]: int32 }));
  };

/** Of padded images `[n, h, w, c]`, `[n * block, h / block, w / block, c]`; `batchToSpace` is its inverse and adjoint. */
const spaceToBatch = spaceOp('SpaceToBatchND', 'Tpaddings');
const batchToSpace = spaceOp('BatchToSpaceND', 'Tcrops');

/** `x` `[n, h, w, in]` with `kernel` `[kh, kw, in, out]`. */
export const conv2d = dilatable(plainConvolution('Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'));

/** `x` `[n, h, w, in]` with a kernel per channel `[kh, kw, in, multiplier]`; output channel `in * multiplier + m`. */
export const depthwiseConv2d = dilatable(
  plainConvolution(
    'DepthwiseConv2dNative',
    'DepthwiseConv2dNativeBackpropInput',
    'DepthwiseConv2dNativeBackpropFilter',
  ),
);

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

/** Square pooling windows. */
export interface Windows {
  readonly size: number;
  readonly strides: number;
  readonly padding: 'same' | 'valid';
}

const poolAttributes = ({ size, strides, padding }: Windows): Attributes =>
  float({ ksize: square(size), strides: square(strides), padding: attribute.string(padding.toUpperCase()), ...nhwc });

export const maxPool = (x: tf.Tensor, windows: Windows): tf.Tensor => single('MaxPool', [x], poolAttributes(windows));

export const maxPoolGrad = (x: tf.Tensor, y: tf.Tensor, dy: tf.Tensor, windows: Windows): tf.Tensor =>
  single('MaxPoolGrad', [x, y, dy], poolAttributes(windows));

/** The values of `tangent` `[n, h, w, c]` where `x` has its window maxima: the pushforward of max pooling. */
export const maxPoolGradGrad = (x: tf.Tensor, y: tf.Tensor, tangent: tf.Tensor, windows: Windows): tf.Tensor =>
  single('MaxPoolGradGrad', [x, y, tangent], poolAttributes(windows));

/** Means over windows; padding does not count. */
export const avgPool = (x: tf.Tensor, windows: Windows): tf.Tensor => single('AvgPool', [x], poolAttributes(windows));

export function avgPoolGrad(inputShape: readonly number[], dy: tf.Tensor, windows: Windows): tf.Tensor {
  using shape = tf.tensor1d([...inputShape], 'int32');
  return single('AvgPoolGrad', [shape, dy], poolAttributes(windows));
}

/** float32 in [0, 1), a pure function of two int32 seeds (Philox), whatever the number of threads. */
export function uniform(shape: readonly number[], seeds: readonly [number, number]): tf.Tensor {
  using dimensions = tf.tensor1d([...shape], 'int32');
  using seed = tf.tensor1d([...seeds], 'int32');
  const int32 = attribute.int32();
  return single('StatelessRandomUniform', [dimensions, seed], { dtype: attribute.float32(), T: int32, Tseed: int32 });
}

/** What a fused batch norm saves for its gradient: mean, variance (or its inverse root) and the engine's scratch. */
export type Reserve = readonly [tf.Tensor, tf.Tensor, tf.Tensor];

export interface FusedBatchNorm {
  readonly y: tf.Tensor;
  /** New running statistics `[c]`. */
  readonly mean: tf.Tensor;
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

/**
 * Normalises `x` `[n, h, w, c]` by its own statistics, then scales and shifts by `[c]`.
 * @param running statistics `[c]` so far, of which `momentum` is kept; the batch's own, its variance unbiased, make up the rest
 */
export function batchNormTraining(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
  running: { readonly mean: tf.Tensor; readonly variance: tf.Tensor; readonly momentum: number },
): FusedBatchNorm {
  const attributes = {
    ...batchNormAttributes(epsilon, true),
    exponential_avg_factor: attribute.float(1 - running.momentum),
  };
  const outputs = nativeOp('FusedBatchNormV3', [x, scale, offset, running.mean, running.variance], attributes, 6);
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
