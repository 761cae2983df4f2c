import { tf } from '../../core/engine/index.js';
import type { Regulariser } from '../../core/stages/index.js';

/** What moves the labels: the meta-gradient and the weighted regulariser, apart and together; tensors of its own. */
export interface RegularisedCotangent extends Disposable {
  /** float32 `[batch, outputs]`, like the labels. */
  readonly total: tf.Tensor;
  readonly regulariser: tf.Tensor;
}

/** Adds the regulariser's weighted gradient at `targets` to the meta-gradient in the labels; both are borrowed. */
export function regularised(
  cotangent: tf.Tensor,
  targets: tf.Tensor2D,
  { cotangent: slope, weight }: Regulariser,
): RegularisedCotangent {
  const regulariser = tf.tidy(() => tf.mul(slope(targets), weight));
  const total = tf.add(cotangent, regulariser);
  return { total, regulariser, [Symbol.dispose]: () => tf.dispose([total, regulariser]) };
}
