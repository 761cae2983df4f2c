import type { Params } from '../../core/autodiff/index.js';
import type { tf } from '../../core/engine/index.js';

/** What an optimizer does to one parameter tensor in one step, and the transpose of its derivative. Called inside a tidy. */
export interface Rule {
  /** What a change of the gradient is multiplied by, where that is one number at every point; then nothing need be kept. */
  readonly slope?: number;
  /** `change` is added to the weights; `slots` are the tensors kept beside them (momentum, moments), old and new. */
  update(gradient: tf.Tensor, slots: Params): { readonly change: tf.Tensor; readonly slots: Params };
  /**
   * From the cotangents of a change and of the new slots to those of the gradient and the old slots; absent ones are zero.
   * @param at the gradient that `update` was given, and the slots it made; a rule with a slope must not read it
   */
  transpose(
    change: tf.Tensor | undefined,
    slots: Params,
    at: { gradient(): tf.Tensor; readonly slots: Params },
  ): {
    readonly gradient: tf.Tensor | undefined;
    readonly slots: Readonly<Record<string, tf.Tensor | undefined>>;
  };
}
