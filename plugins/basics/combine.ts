import { tf } from '../../core/engine/index.js';

type Coefficient = number | tf.Tensor;

/**
 * The sum of coefficient * tensor over the terms, differentiable on the tape; owned by the caller.
 * @param terms a coefficient is a number or a float32 scalar tensor; absent tensors and coefficients of 0 add nothing
 * @returns `undefined`, which stands for zero, where nothing is left
 */
export function combine(...terms: readonly (readonly [Coefficient, tf.Tensor | undefined])[]): tf.Tensor | undefined {
  const left = terms.flatMap(([coefficient, tensor]) => (tensor && coefficient !== 0 ? [{ coefficient, tensor }] : []));
  if (left.length === 0) return undefined;
  return tf.tidy(() => {
    const scaled = left.map(({ coefficient, tensor }) => (coefficient === 1 ? tensor : tf.mul(tensor, coefficient)));
    return scaled.length === 1 ? scaled[0]!.clone() : scaled.reduce((sum, term) => tf.add(sum, term));
  });
}
