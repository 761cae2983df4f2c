import { tf } from '../../engine/index.js';
import type { Layer, Linearisation } from '../layer.js';
import { sameShape } from './parameterless.js';

const epsilon = 1e-5;

/**
 * Layer normalisation over the last axis (Ba et al. 2016), biased variance, epsilon 1e-5; parameters `name/scale` and
 * `name/offset`, as long as that axis. The same in training and evaluation.
 */
export function layerNorm(name: string): Layer {
  const scaleName = `${name}/scale`;
  const offsetName = `${name}/offset`;

  return {
    name,
    retains: { input: true, output: false },
    outputShape: sameShape,
    describe: () => ({
      layer: 'LayerNormalization',
      config: { axis: -1, epsilon },
      weights: [scaleName, offsetName],
    }),

    init(input) {
      const features = input.at(-1)!;
      return { params: { [scaleName]: tf.ones([features]), [offsetName]: tf.zeros([features]) }, state: {} };
    },

    apply: ({ params }, x) =>
      tf.tidy(() => {
        const { mean, inverse } = statistics(x);
        return affine(tf.mul(tf.sub(x, mean), inverse), params[scaleName]!, params[offsetName]!);
      }),

    linearize({ params }, x): Linearisation {
      const scale = params[scaleName]!;
      const { mean, inverse, output } = tf.tidy(() => {
        const { mean, inverse } = statistics(x);
        return { mean, inverse, output: affine(tf.mul(tf.sub(x, mean), inverse), scale, params[offsetName]!) };
      });
      const normalised = (): tf.Tensor => tf.mul(tf.sub(x, mean), inverse);
      /** The Jacobian of normalising, which is symmetric: u loses its mean and its part along the output. */
      const jacobian = (u: tf.Tensor, xhat: tf.Tensor): tf.Tensor => {
        const along = tf.mul(xhat, tf.mean(tf.mul(u, xhat), -1, true));
        return tf.mul(inverse, tf.sub(tf.sub(u, tf.mean(u, -1, true)), along));
      };
      return {
        output,
        stateUpdate: {},
        pullback(cotangent, { input }) {
          const dScale = tf.tidy(() => tf.sum(tf.mul(cotangent, normalised()), leading(x)));
          const gradients = { [scaleName]: dScale, [offsetName]: tf.sum(cotangent, leading(x)) };
          if (!input) return { params: gradients };
          return { params: gradients, input: tf.tidy(() => jacobian(tf.mul(cotangent, scale), normalised())) };
        },
        pushforward({ [scaleName]: dScale, [offsetName]: dOffset }, tangent) {
          if (!tangent && !dScale && !dOffset) return undefined;
          return tf.tidy(() => {
            const xhat = normalised();
            const terms = [
              ...(tangent ? [tf.mul(jacobian(tangent, xhat), scale)] : []),
              ...(dScale ? [tf.mul(xhat, dScale)] : []),
              ...(dOffset ? [tf.broadcastTo(dOffset, x.shape)] : []),
            ];
            return terms.length === 1 ? terms[0]! : tf.addN(terms);
          });
        },
        [Symbol.dispose]: () => tf.dispose([output, mean, inverse]),
      };
    },
  };
}

const leading = (x: tf.Tensor): number[] => x.shape.slice(0, -1).map((_, axis) => axis);

/** Mean and inverse standard deviation of every row, `[..., 1]`. */
function statistics(x: tf.Tensor): { mean: tf.Tensor; inverse: tf.Tensor } {
  const mean = tf.mean(x, -1, true);
  const variance = tf.mean(tf.square(tf.sub(x, mean)), -1, true);
  return { mean, inverse: tf.rsqrt(tf.add(variance, epsilon)) };
}

const affine = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor): tf.Tensor => tf.add(tf.mul(x, scale), offset);
