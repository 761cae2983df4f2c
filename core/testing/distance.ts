import { dotParams } from '../autodiff/index.js';
import { tf } from '../engine/index.js';

/** L2 norm of all entries as one vector. */
export const norm = (tensors: readonly tf.Tensor[]): number =>
  Math.sqrt(tensors.reduce((sum, tensor) => sum + dotParams({ tensor }, { tensor }), 0));

/** Norm of the difference over the norm of the second. */
export const distance = (ours: readonly tf.Tensor[], theirs: readonly tf.Tensor[]): number =>
  tf.tidy(() => norm(ours.map((tensor, i) => tf.sub(tensor, theirs[i]!))) / Math.max(norm(theirs), 1e-12));
