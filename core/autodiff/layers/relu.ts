import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { parameterless, sameShape } from './parameterless.js';

/** max(x, 0), elementwise; its Jacobian is diagonal, so pullback and pushforward are one map. */
export const relu = (): Layer =>
  parameterless({
    retains: { input: false, output: true },
    outputShape: sameShape,
    describe: () => ({ layer: 'ReLU' }),
    apply: (x) => tf.relu(x),
    at(x) {
      const output = native.relu(x);
      const map = (u: tf.Tensor): tf.Tensor => native.reluGrad(u, output);
      return { output, pullback: map, pushforward: map };
    },
  });
