import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { parameterless, sameShape } from './parameterless.js';

/** An elementwise function and its derivative, which reads either the input or the output. */
interface Smooth {
  readonly reads: 'input' | 'output';
  readonly value: (x: tf.Tensor) => tf.Tensor;
  /** `u` times the derivative where the input, or the output, is `at`. */
  readonly slope: (u: tf.Tensor, at: tf.Tensor) => tf.Tensor;
}

/** The standard normal distribution function. */
const normal = (x: tf.Tensor): tf.Tensor => tf.mul(0.5, tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))));
const density = (x: tf.Tensor): tf.Tensor => tf.mul(1 / Math.sqrt(2 * Math.PI), tf.exp(tf.mul(-0.5, tf.square(x))));

export type ActivationName = 'tanh' | 'sigmoid' | 'elu' | 'softplus' | 'gelu' | 'swish';

const functions: Readonly<Record<ActivationName, Smooth>> = {
  tanh: { reads: 'output', value: tf.tanh, slope: native.tanhGrad },
  sigmoid: { reads: 'output', value: tf.sigmoid, slope: native.sigmoidGrad },
  elu: { reads: 'output', value: (x) => tf.add(tf.relu(x), tf.expm1(tf.minimum(x, 0))), slope: native.eluGrad },
  softplus: { reads: 'input', value: tf.softplus, slope: native.softplusGrad },
  gelu: {
    reads: 'input',
    value: (x) => tf.mul(x, normal(x)),
    slope: (u, x) => tf.mul(u, tf.add(normal(x), tf.mul(x, density(x)))),
  },
  swish: {
    reads: 'input',
    value: (x) => tf.mul(x, tf.sigmoid(x)),
    slope(u, x) {
      const s = tf.sigmoid(x);
      return tf.mul(u, tf.mul(s, tf.add(1, tf.mul(x, tf.sub(1, s)))));
    },
  },
};

/**
 * An elementwise activation: `tanh`, `sigmoid`, `elu` (alpha 1), `softplus`, `gelu` (exact, by the error function; Hendrycks
 * and Gimpel 2016) or `swish` (x sigmoid(x); Ramachandran et al. 2017).
 */
export function activation(name: ActivationName): Layer {
  const { reads, value, slope }: Smooth = functions[name];
  return parameterless({
    retains: { input: reads === 'input', output: reads === 'output' },
    outputShape: sameShape,
    describe: () => ({ layer: 'Activation', config: { activation: name } }),
    apply: (x) => tf.tidy(() => value(x)),
    at(x) {
      const output = tf.tidy(() => value(x));
      const map = (u: tf.Tensor): tf.Tensor => tf.tidy(() => slope(u, reads === 'input' ? x : output));
      return { output, pullback: map, pushforward: map };
    },
  });
}
