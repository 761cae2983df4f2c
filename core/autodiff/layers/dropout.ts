import { Generator, tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import * as native from '../native/index.js';
import { parameterless, sameShape } from './parameterless.js';

/**
 * Dropout (Srivastava et al. 2014): training sets each entry to 0 with probability `rate` and scales the others by
 * 1 / (1 - rate); evaluating is the identity. The mask depends on `mode.seed`, `name` and the shape alone, so all
 * linearisations at a point share it.
 * @param name tells the masks of a network's dropout layers apart
 * @param rate in [0, 1)
 */
export const dropout = (name: string, { rate = 0.5 }: { readonly rate?: number } = {}): Layer =>
  parameterless({
    name,
    retains: { input: false, output: false },
    outputShape: sameShape,
    describe: () => ({ layer: 'Dropout', config: { rate } }),
    apply: (x, { training, seed }) =>
      training && rate > 0 ? tf.tidy(() => tf.mul(x, dropoutMask(x.shape, { name, rate, seed }))) : x.clone(),
    at(x, { training, seed }) {
      if (!training || rate === 0)
        return { output: x.clone(), pullback: (u) => u.clone(), pushforward: (v) => v.clone() };
      const saved = dropoutMask(x.shape, { name, rate, seed });
      const masked = (u: tf.Tensor): tf.Tensor => tf.mul(u, saved);
      return { output: masked(x), pullback: masked, pushforward: masked, saved };
    },
  });

/** 0 with probability `rate`, 1 / (1 - rate) otherwise: float32 of `shape`, a constant to the tape, owned by the caller. */
export function dropoutMask(
  shape: readonly number[],
  { name, rate, seed }: { readonly name: string; readonly rate: number; readonly seed: number },
): tf.Tensor {
  const [first, second] = Generator.for(seed, `dropout/${name}`).state as [number, number];
  return tf.tidy(() => {
    const kept = tf.greaterEqual(native.uniform(shape, [first, second]), rate);
    return tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate));
  });
}
