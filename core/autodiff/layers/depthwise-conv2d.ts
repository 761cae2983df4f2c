import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { convolution } from './convolution.js';
import type { ConvolutionOptions } from './convolution.js';

export interface DepthwiseConv2dOptions extends ConvolutionOptions {
  /** Output channels per input channel; 1 by default. */
  readonly multiplier?: number;
}

/**
 * A convolution of every channel by itself: `[n, h, w, in]` to `[n, h', w', in * multiplier]`; parameters `name/kernel`
 * `[kh, kw, in, multiplier]` and, unless `useBias` is false, `name/bias`.
 */
export const depthwiseConv2d = (
  name: string,
  { multiplier = 1, kernelSize = 3, ...options }: DepthwiseConv2dOptions = {},
): Layer =>
  convolution(name, options, {
    kernelShape: (channels) => [kernelSize, kernelSize, channels, multiplier],
    filters: (channels) => channels * multiplier,
    // The depthwise layer of tfjs takes no notice of dilations.
    describe: ({ dilations }) =>
      dilations === 1 ? { layer: 'DepthwiseConv2D', config: { kernelSize, depthMultiplier: multiplier } } : undefined,
    apply: (x, kernel, { strides, padding, dilations }) =>
      tf.depthwiseConv2d(x, kernel, strides, padding, 'NHWC', dilations),
    ...native.depthwiseConv2d,
  });
