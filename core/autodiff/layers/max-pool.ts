import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { expectImages } from './images.js';
import { parameterless } from './parameterless.js';
import { poolConfig, windowCount } from './windows.js';
import type { WindowOptions } from './windows.js';

/** Max pooling over square windows. Ties go to a window's first maximum. */
export function maxPool({ size = 2, strides = size, padding = 'valid' }: WindowOptions = {}): Layer {
  const windows = { size, strides, padding };
  const count = (length: number): number => windowCount(length, size, strides, padding);
  return parameterless({
    retains: { input: true, output: true },
    outputShape: ([height, width, channels]) => [count(height!), count(width!), channels!],
    describe: () => ({ layer: 'MaxPooling2D', config: poolConfig(windows) }),
    apply: (x) => tf.maxPool(x as tf.Tensor4D, size, strides, padding),
    at(x) {
      expectImages(x);
      const output = native.maxPool(x, windows);
      return {
        output,
        pullback: (cotangent) => native.maxPoolGrad(x, output, cotangent, windows),
        pushforward: (tangent) => native.maxPoolGradGrad(x, output, tangent, windows),
      };
    },
  });
}
