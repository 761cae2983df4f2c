import { tf } from '../../engine/index.js';
import type { Layer, Shape } from '../layer.js';
import * as native from '../native.js';

/** max(x, 0), elementwise; its Jacobian is diagonal, so pullback and pushforward are one map. */
export const relu = (): Layer => ({
  retains: { input: false, output: true },
  outputShape: (input: Shape) => input,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => tf.relu(x),
  linearize(_, x) {
    const output = tf.relu(x);
    return {
      output,
      stateUpdate: {},
      pullback: (cotangent, { input }) =>
        input ? { params: {}, input: native.reluGrad(cotangent, output) } : { params: {} },
      pushforward: (_, input) => input && native.reluGrad(input, output),
      [Symbol.dispose]: () => output.dispose(),
    };
  },
});
