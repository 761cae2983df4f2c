import { tf } from '../../engine/index.js';
import type { Layer, Linearisation } from '../layer.js';
import { mapParams } from '../params.js';
import { batchNorm, momentum } from './batch-norm.js';
import { chain } from './chain.js';
import { conv2d } from './conv2d.js';
import type { Conv2dOptions } from './conv2d.js';

/**
 * `chain(conv2d(conv, options), batchNorm(norm))`, trained in less time. A training batch norm takes the convolution's bias
 * away again: so the bias isn't added, its gradient is 0 (where the chain's is rounding), and it moves the running mean alone.
 */
export function convNorm(conv: string, norm: string, options: Conv2dOptions): Layer {
  const whole = chain(conv2d(conv, options), batchNorm(norm));
  const unbiased = chain(conv2d(conv, { ...options, useBias: false }), batchNorm(norm));
  const biasName = `${conv}/bias`;
  const meanName = `${norm}/mean`;
  if (options.useBias === false) return whole;

  return {
    ...whole,
    linearize(variables, x, mode): Linearisation {
      if (!mode.training) return whole.linearize(variables, x, mode);
      const bias = variables.params[biasName]!;
      const { shape } = bias;
      const point = unbiased.linearize(variables, x, mode);
      const outputShape = point.output.shape;
      const stateUpdate = mapParams(point.stateUpdate, (tensor, name) =>
        name === meanName ? tf.add(tensor, tf.mul(bias, 1 - momentum)) : tensor.clone(),
      );
      return {
        ...point,
        stateUpdate,
        pullback(cotangent, want) {
          const { params, ...rest } = point.pullback(cotangent, want);
          return { params: { ...params, [biasName]: tf.zeros(shape) }, ...rest };
        },
        pushforward(tangents, input) {
          return point.pushforward(tangents, input) ?? (tangents[biasName] && tf.zeros(outputShape));
        },
        [Symbol.dispose]() {
          point[Symbol.dispose]();
          tf.dispose(stateUpdate);
        },
      };
    },
  };
}
