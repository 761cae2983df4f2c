import { attribute, tf } from '../../engine/index.js';
import { float, nhwc, single, square } from './single.js';
import type { Attributes } from './single.js';

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
