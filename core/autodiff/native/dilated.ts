import { attribute, tf } from '../../engine/index.js';
import type { ConvOptions, Convolution } from './convolution.js';
import { float, single } from './single.js';

/**
 * `plain` with dilation `d` too: a plain `valid` convolution over `d * d` times as many images, each of every d-th row and
 * column. TensorFlow itself has gradients of dilated convolutions only with oneDNN's kernels, which it runs by default
 * only on processors with AVX-512; this needs neither and takes the same products.
 */
export function dilatable(plain: Convolution): Convolution {
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
