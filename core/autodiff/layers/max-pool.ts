import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native.js';

/** Max pooling over `size` x `size` windows that do not overlap; a ragged border is dropped. Ties go to the first maximum. */
export const maxPool = ({ size = 2 }: { readonly size?: number } = {}): Layer => ({
  retains: { input: true, output: true },
  outputShape: ([height, width, channels]) => [Math.floor(height! / size), Math.floor(width! / size), channels!],
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => tf.maxPool(x as tf.Tensor4D, size, size, 'valid'),
  linearize(_, x) {
    const output = native.maxPool(x, size);
    return {
      output,
      stateUpdate: {},
      pullback: (cotangent, { input }) =>
        input ? { params: {}, input: native.maxPoolGrad(x, output, cotangent, size) } : { params: {} },
      pushforward: (_, input) => input && native.maxPoolGradGrad(x, output, input, size),
      [Symbol.dispose]: () => output.dispose(),
    };
  },
});
