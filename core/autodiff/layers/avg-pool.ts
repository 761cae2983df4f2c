import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { expectImages } from './images.js';
import { parameterless } from './parameterless.js';
import { poolConfig, windowCount } from './windows.js';
import type { WindowOptions } from './windows.js';

/** Average pooling over square windows; padding does not count towards a mean. */
export function avgPool({ size = 2, strides = size, padding = 'valid' }: WindowOptions = {}): Layer {
  const windows = { size, strides, padding };
  const count = (length: number): number => windowCount(length, size, strides, padding);
  return parameterless({
    retains: { input: false, output: false },
    outputShape: ([height, width, channels]) => [count(height!), count(width!), channels!],
    describe: () => ({ layer: 'AveragePooling2D', config: poolConfig(windows) }),
    apply: (x) => tf.avgPool(x as tf.Tensor4D, size, strides, padding),
    at(x) {
      expectImages(x);
      const { shape } = x;
      return {
        output: native.avgPool(x, windows),
        pullback: (cotangent) => native.avgPoolGrad(shape, cotangent, windows),
        pushforward: (tangent) => native.avgPool(tangent, windows),
      };
    },
  });
}

/** The mean of every channel over the image: `[n, h, w, c]` to `[n, c]`. */
export const globalAveragePool = (): Layer =>
  parameterless({
    retains: { input: false, output: false },
    outputShape: ([, , channels]) => [channels!],
    describe: () => ({ layer: 'GlobalAveragePooling2D' }),
    apply: (x) => tf.mean(x, [1, 2]),
    at(x) {
      expectImages(x);
      const [n, height, width, channels] = x.shape as [number, number, number, number];
      return {
        output: tf.mean(x, [1, 2]),
        pullback: (cotangent) =>
          tf.tidy(() => {
            const share = tf.reshape(tf.div(cotangent, height * width), [n, 1, 1, channels]);
            return tf.broadcastTo(share, [n, height, width, channels]);
          }),
        pushforward: (tangent) => tf.mean(tangent, [1, 2]),
      };
    },
  });
