import { tf } from '../../core/engine/index.js';

type Function = (...points: tf.Tensor[]) => tf.Tensor;
type Image = tf.Tensor4D;

const images = (f: (x: Image, filter: Image) => tf.Tensor): Function => f as Function;
const around: [[0, 0], [1, 1], [1, 1], [0, 0]] = [
  [0, 0],
  [1, 1],
  [1, 1],
  [0, 0],
];
const eye = (): tf.Tensor2D => tf.slice(tf.eye(4), [0, 0], [3, 4]);
const wide = (kernel: tf.Tensor): tf.Tensor3D => kernel as tf.Tensor3D;
const bilinear =
  (alignCorners: boolean, halfPixelCenters: boolean): Function =>
  (x) =>
    tf.image.resizeBilinear(x as Image, [7, 3], alignCorners, halfPixelCenters);
const nearest =
  (halfPixelCenters: boolean): Function =>
  (x) =>
    tf.image.resizeNearestNeighbor(x as Image, [7, 3], false, halfPixelCenters);
const einsum =
  (equation: string): Function =>
  (...operands) =>
    tf.einsum(equation, ...operands);
const normalised = (x: tf.Tensor, axes: number[], scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => {
  const { mean, variance } = tf.moments(x, axes, true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), scale), offset);
};

/** Functions by their names in fixtures/torch/second-order.json, which has their inputs and derivatives. */
export const cases: Readonly<Record<string, Function>> = {
  exp: (x) => tf.exp(x),
  log: (x) => tf.log(x),
  log1p: (x) => tf.log1p(x),
  expm1: (x) => tf.expm1(x),
  tanh: (x) => tf.tanh(x),
  sigmoid: (x) => tf.sigmoid(x),
  softplus: (x) => tf.softplus(x),
  logSigmoid: (x) => tf.logSigmoid(x),
  sqrt: (x) => tf.sqrt(x),
  rsqrt: (x) => tf.rsqrt(x),
  square: (x) => tf.square(x),
  reciprocal: (x) => tf.reciprocal(x),
  abs: (x) => tf.abs(x),
  sin: (x) => tf.sin(x),
  cos: (x) => tf.cos(x),
  tan: (x) => tf.tan(x),
  asin: (x) => tf.asin(x),
  acos: (x) => tf.acos(x),
  atan: (x) => tf.atan(x),
  sinh: (x) => tf.sinh(x),
  cosh: (x) => tf.cosh(x),
  asinh: (x) => tf.asinh(x),
  acosh: (x) => tf.acosh(tf.add(x, 1)),
  atanh: (x) => tf.atanh(x),
  atan2: (a, b) => tf.atan2(a, b),
  erf: (x) => tf.erf(x),
  'pow, constant exponent': (x) => tf.pow(x, 2.5),
  'pow, exponent 2 at negative bases': (x) => tf.pow(x, 2),
  'pow, both': (a, b) => tf.pow(a, b),
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.relu6(tf.mul(x, 5)),
  leakyRelu: (x) => tf.leakyRelu(x, 0.3),
  prelu: (x, alpha) => tf.prelu(x, alpha),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.selu(x),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  mish: (x) => tf.mul(x, tf.tanh(tf.softplus(x))),
  clipByValue: (x) => tf.clipByValue(x, -0.71, 0.83),
  'add, broadcast': (a, b) => tf.add(a, b),
  'sub, broadcast': (a, b) => tf.sub(a, b),
  'mul, broadcast': (a, b) => tf.mul(a, b),
  'div, broadcast': (a, b) => tf.div(a, b),
  'squaredDifference, broadcast': (a, b) => tf.squaredDifference(a, b),
  'maximum, broadcast': (a, b) => tf.maximum(a, b),
  'minimum, broadcast': (a, b) => tf.minimum(a, b),
  where: (a, b) => tf.where(tf.greater(a, 0), tf.mul(a, b), tf.pow(a, 3)),
  addN: (a, b) => tf.addN([a, b, tf.mul(a, b)]),

  sum: (x) => tf.sum(x, 1),
  mean: (x) => tf.mean(x, [0, 2], true),
  max: (x) => tf.max(x, 1),
  'max of all': (x) => tf.max(x),
  'min, keeping dimensions': (x) => tf.min(x, 0, true),
  prod: (x) => tf.prod(x),
  'prod along the middle': (x) => tf.prod(x, 1),
  'prod with a zero': (x) => tf.prod(x, -1),
  'cumsum along rows': (x) => tf.cumsum(x, 0),
  'cumsum, exclusive and reversed': (x) => tf.cumsum(x, 1, true, true),
  logSumExp: (x) => tf.logSumExp(x, -1),
  norm: (x) => tf.norm(x, 'euclidean', -1),
  variance: (x) => tf.moments(x, 0).variance,
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),

  softmaxCrossEntropy: (labels, logits) => tf.losses.softmaxCrossEntropy(labels, logits),
  'softmaxCrossEntropy, smoothed and weighted': (logits, weights) =>
    tf.losses.softmaxCrossEntropy(eye(), logits, weights, 0.1, tf.Reduction.SUM),
  sigmoidCrossEntropy: (labels, logits) => tf.losses.sigmoidCrossEntropy(labels, logits),
  'categoricalCrossentropy of softmax': (logits) => tf.metrics.categoricalCrossentropy(eye(), tf.softmax(logits)),
  meanSquaredError: (a, b) => tf.losses.meanSquaredError(a, b),
  huberLoss: (a, b) => tf.losses.huberLoss(a, b, undefined, 0.53),
  logLoss: (x) => tf.losses.logLoss(eye(), x),
  cosineDistance: (a, b) => tf.losses.cosineDistance(a, b, 1),

  matMul: (a, b) => tf.matMul(a, b),
  'matMul, a transposed': (a, b) => tf.matMul(a, b, true),
  'matMul, b transposed': (a, b) => tf.matMul(a, b, false, true),
  'matMul, both transposed': (a, b) => tf.matMul(a, b, true, true),
  'matMul, batched': (a, b) => tf.matMul(a, b, false, true),
  'matMul, broadcast': (a, b) => tf.matMul(a, b),
  'matMul, broadcast and transposed': (a, b) => tf.matMul(a, b, true, true),
  'einsum ij,jk->ik': einsum('ij,jk->ik'),
  'einsum bij,bkj': einsum('bij,bkj->bik'),
  'einsum bi,bi->b': einsum('bi,bi->b'),
  'einsum i,j->ij': einsum('i,j->ij'),
  'einsum ijl,k->ki': einsum('ijl,k->ki'),
  'einsum ij->': einsum('ij->'),

  concat: (a, b) => tf.concat([tf.mul(a, tf.mean(b)), b], -1),
  stack: (a, b) => tf.stack([tf.mul(a, b), b], 1),
  unstack: (x) => {
    const columns = tf.unstack(x, 1);
    return tf.mul(columns[0]!, columns[2]!);
  },
  split: (x) => {
    const [a, b, c] = tf.split(x, 3, 1) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return tf.add(tf.mul(a, b), c);
  },
  tile: (x) => tf.tile(x, [2, 3]),
  slice: (x) => tf.slice(x, [1, 1], [2, 2]),
  stridedSlice: (x) => tf.stridedSlice(x, [1, 0], [3, 5], [1, 2]),
  'stridedSlice, masked and backwards': (x) => tf.stridedSlice(x, [1, -1], [2, 0], [1, -2], 0, 2, 0, 0, 1),
  reverse: (x) => tf.reverse(x, 1),
  transpose: (x) => tf.transpose(x, [2, 0, 1]),
  'expandDims and squeeze': (x) => tf.squeeze(tf.expandDims(x, 1), [1]),
  broadcastTo: (x) => tf.broadcastTo(x, [3, 2, 4]),
  gather: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1),
  'gather, batched': (x) => tf.gather(x, tf.tensor2d([1, 1, 2, 0], [2, 2], 'int32'), 1, 1),
  gatherND: (x) => tf.gatherND(x, tf.tensor2d([0, 1, 2, 0, 0, 1], [3, 2], 'int32')),
  scatterND: (x) => tf.scatterND(tf.tensor2d([2, 0, 2], [3, 1], 'int32'), x, [4, 3]),
  'gather at argMax': (x) => tf.gather(x, tf.argMax(x)),
  'oneHot of argMax': (x) => tf.mul(x, tf.oneHot(tf.argMax(x, 1), 4)),
  unsortedSegmentSum: (x) => tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], 'int32'), 4),
  pad: (x) =>
    tf.pad(x, [
      [1, 1],
      [2, 0],
    ]),
  'mirrorPad, reflect': (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [2, 1],
      ],
      'reflect',
    ),
  'mirrorPad, symmetric': (x) =>
    tf.mirrorPad(
      x,
      [
        [0, 0],
        [1, 2],
      ],
      'symmetric',
    ),
  'cast to integers': (x) => tf.mul(x, tf.cast(tf.mul(x, 3), 'int32')),

  'conv2d, valid': images((x, filter) => tf.conv2d(x, filter, 1, 'valid')),
  'conv2d, same': images((x, filter) => tf.conv2d(x, filter, 1, 'same')),
  'conv2d, same, stride 2': images((x, filter) => tf.conv2d(x, filter, 2, 'same')),
  'conv2d, valid, strides 2 and 1': images((x, filter) => tf.conv2d(x, filter, [2, 1], 'valid')),
  'conv2d, 1x1, stride 2': images((x, filter) => tf.conv2d(x, filter, 2, 'same')),
  'conv2d, padded by numbers, stride 2': images((x, filter) => tf.conv2d(x, filter, 2, around)),
  'conv2d, dilated, valid': images((x, filter) => tf.conv2d(x, filter, 1, 'valid', 'NHWC', 2)),
  'conv2d, dilated, same': images((x, filter) => tf.conv2d(x, filter, 1, 'same', 'NHWC', [2, 2])),
  conv1d: (x, filter) => tf.conv1d(wide(x), wide(filter), 2, 'same'),
  'conv1d, dilated': (x, filter) => tf.conv1d(wide(x), wide(filter), 1, 'same', 'NWC', 2),
  conv3d: (x, filter) => tf.conv3d(x as tf.Tensor5D, filter as tf.Tensor5D, 2, 'same'),
  'depthwiseConv2d, valid': images((x, filter) => tf.depthwiseConv2d(x, filter, 1, 'valid')),
  'depthwiseConv2d, same, stride 2': images((x, filter) => tf.depthwiseConv2d(x, filter, 2, 'same')),
  'depthwiseConv2d, padded by numbers': images((x, filter) => tf.depthwiseConv2d(x, filter, 1, around)),
  'depthwiseConv2d, dilated': images((x, filter) => tf.depthwiseConv2d(x, filter, 1, 'same', 'NHWC', 2)),
  separableConv2d: (x, depthwise, pointwise) =>
    tf.separableConv2d(x as Image, depthwise as Image, pointwise as Image, 1, 'same'),
  'conv2dTranspose, same, stride 2': images((x, filter) => tf.conv2dTranspose(x, filter, [1, 6, 5, 3], 2, 'same')),
  'conv2dTranspose, valid': images((x, filter) => tf.conv2dTranspose(x, filter, [1, 5, 5, 3], 1, 'valid')),

  maxPool: (x) => tf.maxPool(x as Image, 2, 2, 'valid'),
  'maxPool, overlapping, same': (x) => tf.maxPool(x as Image, 3, 2, 'same'),
  'maxPool, overlapping, valid': (x) => tf.maxPool(x as Image, [3, 2], 1, 'valid'),
  maxPool3d: (x) => tf.maxPool3d(x as tf.Tensor5D, 2, 1, 'same'),
  avgPool: (x) => tf.avgPool(x as Image, 2, 2, 'valid'),
  'avgPool, overlapping, same': (x) => tf.avgPool(x as Image, 3, 2, 'same'),
  'avgPool, overlapping, valid': (x) => tf.avgPool(x as Image, [3, 2], 1, 'valid'),
  avgPool3d: (x) => tf.avgPool3d(x as tf.Tensor5D, 2, 1, 'same'),
  resizeBilinear: bilinear(false, false),
  'resizeBilinear, aligned corners': bilinear(true, false),
  'resizeBilinear, half-pixel centres': bilinear(false, true),
  resizeNearestNeighbor: nearest(false),
  'resizeNearestNeighbor, half-pixel centres': nearest(true),

  batchNorm: (x, mean, variance, offset, scale) => tf.batchNorm(x, mean, variance, offset, scale),
  'batchNorm without offset and scale': (x, mean, variance) => tf.batchNorm(x, mean, variance),
  'batchNorm without offset': (x, mean, variance, scale) => tf.batchNorm(x, mean, variance, undefined, scale),
  'batchNorm by broadcast statistics': (x, mean, variance, offset, scale) =>
    tf.batchNorm2d(
      x as tf.Tensor2D,
      mean as tf.Tensor2D,
      variance as tf.Tensor2D,
      offset as tf.Tensor2D,
      scale as tf.Tensor2D,
    ),
  'batchNorm by the batch': (x, offset, scale) => {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean, variance, offset, scale);
  },
  'layer norm': (x, offset, scale) => normalised(x, [1], scale, offset),

  'fused.matMul': (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, activation: 'sigmoid' }),
  'fused.matMul, linear': (a, b, bias) => tf.fused.matMul({ a: a, b: b, bias: bias, transposeB: true }),
  'fused.conv2d': (x, filter, bias) =>
    tf.fused.conv2d({
      x: x as Image,
      filter: filter as Image,
      bias: bias,
      strides: 2,
      pad: 'same',
      activation: 'elu',
    }),
  'fused.conv2d, linear, dilated': (x, filter, bias) =>
    tf.fused.conv2d({ x: x as Image, filter: filter as Image, bias: bias, strides: 1, pad: 'valid', dilations: 2 }),
  'fused.depthwiseConv2d, linear': (x, filter, bias) =>
    tf.fused.depthwiseConv2d({ x: x as Image, filter: filter as Image, bias: bias, strides: 2, pad: 'same' }),
};
