import { mapParams } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import { type Generator, tf } from '../engine/index.js';
import { noise } from './comparisons.js';

/**
 * Variables as training leaves them, away from zeros, ones and whatever else they begin as: parameters by up to 0.3, statistics by
 * up to 30%, which keep their signs, since variances have one. The result belongs to the caller.
 */
export const moved = ({ params, state }: Variables, random: Generator): Variables =>
  tf.tidy(() => ({
    params: mapParams(params, (tensor) => tf.add(tensor, tf.mul(0.3, noise(tensor.shape, random)))),
    state: mapParams(state, (tensor) => tf.mul(tensor, tf.add(1, tf.mul(0.3, noise(tensor.shape, random))))),
  }));
