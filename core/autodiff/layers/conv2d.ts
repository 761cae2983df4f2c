import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { convolution } from './convolution.js';
import type { ConvolutionOptions } from './convolution.js';

export interface Conv2dOptions extends ConvolutionOptions {
  readonly filters: number;
}

/**
 * A 2-D convolution: `[n, h, w, in]` to `[n, h', w', filters]`; parameters `name/kernel` (HWIO) and, unless `useBias` is
 * false, `name/bias`.
 */
export const conv2d = (name: string, { filters, kernelSize = 3, ...options }: Conv2dOptions): Layer =>
  convolution(name, options, {
    kernelShape: (channels) => [kernelSize, kernelSize, channels, filters],
    filters: () => filters,
    describe: () => ({ layer: 'Conv2D', config: { filters, kernelSize } }),
    apply: (x, kernel, { strides, padding, dilations }) => tf.conv2d(x, kernel, strides, padding, 'NHWC', dilations),
    ...native.conv2d,
  });
