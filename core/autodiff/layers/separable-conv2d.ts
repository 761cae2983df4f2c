import type { Layer } from '../layer.js';
import { chain } from './chain.js';
import { conv2d } from './conv2d.js';
import type { Conv2dOptions } from './conv2d.js';
import { depthwiseConv2d } from './depthwise-conv2d.js';
import type { DepthwiseConv2dOptions } from './depthwise-conv2d.js';

/**
 * A depthwise convolution, then a 1x1 convolution to `filters` channels (Chollet 2017): `[n, h, w, in]` to
 * `[n, h', w', filters]`; parameters `name/depthwise/kernel`, `name/pointwise/kernel` and, unless `useBias` is false,
 * `name/pointwise/bias`.
 */
export const separableConv2d = (
  name: string,
  { filters, useBias = true, ...depthwise }: Conv2dOptions & DepthwiseConv2dOptions,
): Layer =>
  chain(
    depthwiseConv2d(`${name}/depthwise`, { ...depthwise, useBias: false }),
    conv2d(`${name}/pointwise`, { filters, kernelSize: 1, useBias }),
  );
