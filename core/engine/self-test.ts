import { attribute, nativeOp } from './native-op.js';
import { ownKernels } from './own-kernels.js';
import { tf } from './tf.js';

/** One operation of the engine against numbers worked out by hand. */
export interface SelfTestCheck {
  readonly name: string;
  readonly passed: boolean;
  /** Largest absolute difference from the expected numbers. */
  readonly error: number;
  readonly tolerance: number;
}

interface Case {
  readonly name: string;
  readonly compute: () => tf.Tensor;
  readonly expected: readonly number[];
  readonly tolerance: number;
}

/** Of 1x3 pixels of 32 channels, with a 3x3 kernel: the outer two see two pixels, the middle one three. */
const onesByOnes = (
  name: string,
  compute: (x: tf.Tensor, kernel: tf.Tensor) => tf.Tensor,
  expected: number[],
): Case => ({
  name,
  compute: () => tf.max(compute(tf.ones([1, 1, 3, 32]), tf.ones([3, 3, 32, 32])), -1),
  expected,
  tolerance: 1e-4,
});

const pad = attribute.int(1);
const convolve = (flipped: boolean) => (x: tf.Tensor, kernel: tf.Tensor) =>
  nativeOp('AuxflowConvolve', [x, kernel], { pad, flipped: attribute.bool(flipped) })[0]!;

/** auxflow's own kernels: a convolution and both of its adjoints. */
const convolutionsOfOnes = [
  onesByOnes('AuxflowConvolve', convolve(false), [64, 96, 64]),
  onesByOnes('AuxflowConvolve, flipped', convolve(true), [64, 96, 64]),
  onesByOnes(
    'AuxflowKernelGradient',
    (x) => tf.max(nativeOp('AuxflowKernelGradient', [x, x], { pad })[0]!, -1),
    [0, 0, 0, 2, 3, 2, 0, 0, 0],
  ),
];

const cases: readonly Case[] = [
  {
    name: 'matMul',
    compute: () =>
      tf.matMul(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [5, 6],
          [7, 8],
        ],
      ),
    expected: [19, 22, 43, 50],
    tolerance: 0,
  },
  {
    name: 'conv2d',
    compute: () =>
      tf.conv2d(
        tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]),
        tf.tensor4d([1, 0, 0, -1], [2, 2, 1, 1]),
        1,
        'valid',
      ),
    expected: [-4, -4, -4, -4],
    tolerance: 0,
  },
  {
    name: 'gradient', // of sum(x^3 / 3)
    compute: () => tf.grad((x) => x.square().mul(x).div(3).sum())(tf.tensor1d([1, 2, -3])),
    expected: [1, 4, 9],
    tolerance: 1e-5,
  },
  {
    name: 'FusedBatchNormV3', // mean 2.5 and variance 1.25 over the batch: (x - 2.5) / sqrt(1.25) * 2 + 1
    compute: batchNorm,
    expected: [-1.5, -0.5, 0.5, 1.5].map((centred) => (centred / Math.sqrt(1.25)) * 2 + 1),
    tolerance: 1e-5,
  },
  {
    name: 'float32', // sums are rounded once, to the nearest float32
    compute: () => tf.add(tf.tensor1d([2 ** 24, 0.1]), tf.tensor1d([1, 0.2])),
    expected: [2 ** 24, Math.fround(Math.fround(0.1) + Math.fround(0.2))],
    tolerance: 0,
  },
  ...(ownKernels === 'none' ? [] : convolutionsOfOnes),
];

function batchNorm(): tf.Tensor {
  const x = tf.tensor4d([1, 2, 3, 4], [4, 1, 1, 1]);
  const [scale, offset, mean, variance] = [[2], [1], [], []].map((values) => tf.tensor1d(values));
  const attributes = {
    T: attribute.float32(),
    U: attribute.float32(),
    epsilon: attribute.float(1e-7),
    data_format: attribute.string('NHWC'),
    is_training: attribute.bool(true),
  };
  return nativeOp('FusedBatchNormV3', [x, scale!, offset!, mean!, variance!], attributes, 6)[0]!;
}

/** Checks that the engine computes what it should; takes a few milliseconds. An operation that throws fails its check. */
export const selfTest = (): SelfTestCheck[] =>
  cases.map(({ name, compute, expected, tolerance }) => {
    const error = tf.tidy(() => {
      try {
        const values = compute().dataSync();
        if (values.length !== expected.length) return Infinity;
        return Math.max(...expected.map((value, i) => Math.abs(values[i]! - value)));
      } catch {
        return Infinity;
      }
    });
    return { name, passed: error <= tolerance, error, tolerance };
  });
