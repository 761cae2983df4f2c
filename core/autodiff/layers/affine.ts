import { tf } from '../../engine/index.js';
import * as native from '../native/index.js';

/**
 * The tangent of an affine layer: the sum of its linear parts plus a bias tangent, absent ones counting as zero.
 * @param parts are made inside a tidy, so what they allocate on the way is freed
 * @returns float32 of `shape`, owned by the caller; `undefined` where everything is absent
 */
export const affineTangent = (
  parts: () => readonly tf.Tensor[],
  dBias: tf.Tensor | undefined,
  shape: number[],
): tf.Tensor | undefined =>
  tf.tidy(() => {
    const terms = parts();
    if (terms.length === 0) return dBias && tf.broadcastTo(dBias, shape);
    const sum = terms.length === 1 ? terms[0]! : tf.addN([...terms]);
    return dBias ? native.biasAdd(sum, dBias) : sum;
  });
