import { dotParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { combine } from './combine.js';

/**
 * What clipping by the global norm multiplies every gradient by: clipNorm / |g|, g being all gradients as one vector
 * (Pascanu et al. 2013, "On the difficulty of training recurrent neural networks", algorithm 1).
 * @param gradients borrowed
 * @returns a float32 scalar, owned by the caller, differentiable on the tape; `undefined` where |g| <= clipNorm
 */
export const clipFactor = (gradients: Params, clipNorm: number): tf.Tensor | undefined =>
  tf.tidy(() => {
    const squares = Object.values(gradients).map((g) => tf.sum(tf.square(g)));
    if (squares.length === 0) return undefined;
    const norm = tf.sqrt(tf.addN(squares));
    return norm.dataSync()[0]! > clipNorm ? tf.div(clipNorm, norm) : undefined;
  });

/**
 * The transpose of active clipping at `gradients`: u <- factor (u - ghat <ghat, u>) with ghat = g / |g|. It ties all
 * parameters together, so those absent from `cotangents` get a share too.
 * @returns owned by the caller
 */
export function clipTranspose(cotangents: Params, gradients: Params, factor: number, clipNorm: number): Params {
  const along = dotParams(gradients, cotangents) * (factor / clipNorm) ** 2;
  const names = Object.keys({ ...gradients, ...cotangents });
  return Object.fromEntries(
    names.flatMap((name) => {
      const u = combine([factor, cotangents[name]], [-factor * along, gradients[name]]);
      return u ? [[name, u]] : [];
    }),
  );
}
