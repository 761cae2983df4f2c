import { disposeParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { nested } from '../../core/plugins/index.js';
import type { LookAhead, OptimizerState } from '../../core/stages/index.js';

/** The key of an optimizer's rate: a number, or a schedule such as `{ use: cosine, initial: 0.3 }`. */
export const learningRate = nested('schedule', (value) =>
  typeof value === 'number' ? { use: 'constant', initial: value } : undefined,
);

/** The gradient with L2 weight decay; a parameter that no loss reaches has gradient 0. Inside a tidy. */
export function decayed(param: tf.Tensor, gradient: tf.Tensor | undefined, weightDecay: number): tf.Tensor {
  const g = gradient ?? tf.zerosLike(param);
  return weightDecay === 0 ? g : tf.add(g, tf.mul(param, weightDecay));
}

/** A look-ahead made of an update whose new state is not wanted. */
export function lookAheadOf(
  { params, state }: { params: Params; state: OptimizerState },
  adjoint: LookAhead['adjoint'],
  release: () => void = () => undefined,
): LookAhead {
  disposeParams(state.tensors);
  return {
    params,
    adjoint,
    [Symbol.dispose]() {
      disposeParams(params);
      release();
    },
  };
}
