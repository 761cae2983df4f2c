import { attribute, ownKernels } from '../../engine/index.js';
import type { tf } from '../../engine/index.js';
import type { ConvOptions, Convolution } from './convolution.js';
import { single } from './single.js';

/**
 * `plain`, but for 3x3 kernels without strides over channels in multiples of 32: these are computed by Winograd's minimal
 * filtering F(2x2, 3x3), 16 products for every four outputs in place of 36, where auxflow's own kernels run. The results
 * differ from `plain` by rounding alone, as long as sums of four inputs are finite: infinite ones become NaN.
 * (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016.)
 */
export function withWinograd(plain: Convolution): Convolution {
  const convolve = (x: tf.Tensor, kernel: tf.Tensor, pad: number, flipped: boolean): tf.Tensor =>
    single('AuxflowConvolve', [x, kernel], { pad: attribute.int(pad), flipped: attribute.bool(flipped) });
  return {
    run(x, kernel, options) {
      if (!suits(kernel.shape, x.shape, options)) return plain.run(x, kernel, options);
      return convolve(x, kernel, zeros[options.padding], false);
    },
    backpropInput(inputShape, kernel, dy, options) {
      if (!suits(kernel.shape, inputShape, options)) return plain.backpropInput(inputShape, kernel, dy, options);
      return convolve(dy, kernel, 2 - zeros[options.padding], true);
    },
    backpropFilter(x, kernelShape, dy, options) {
      if (!suits(kernelShape, x.shape, options)) return plain.backpropFilter(x, kernelShape, dy, options);
      return single('AuxflowKernelGradient', [x, dy], { pad: attribute.int(zeros[options.padding]) });
    },
  };
}

/** On every side of the images. */
const zeros = { same: 1, valid: 0 } as const;

/** Over single pixels, most products of either way are with padding, and the plain kernel leaves out more of them. */
function suits(
  [down, right, channels, filters]: readonly number[],
  [, height, width]: readonly number[],
  { strides, padding }: ConvOptions,
): boolean {
  const isPlain3x3 = down === 3 && right === 3 && strides === 1;
  const isWide = channels! > 0 && channels! % 32 === 0 && filters! > 0 && filters! % 32 === 0;
  const isLarge = Math.min(height!, width!) >= (padding === 'valid' ? 4 : 2);
  return ownKernels !== 'none' && isPlain3x3 && isWide && isLarge;
}
