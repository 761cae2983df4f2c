import type { ServiceIdentifier } from 'inversify';
import type { Params } from '../autodiff/index.js';
import type { Schedule } from './schedule.js';

/** Tensors an optimizer keeps between steps (momentum buffers, moments), keyed like `momentum/trunk/conv1/kernel`. */
export interface OptimizerState {
  readonly tensors: Params;
  /** Updates made so far. */
  readonly count: number;
}

/** Cotangents or gradients of a learner: of its parameters, and of the optimizer's state tensors; absent ones are zero. */
export interface Cotangents {
  readonly params: Params;
  readonly state: Params;
}

/** A step worked out but not taken: where it would lead, and its derivative. Owns all its tensors. */
export interface LookAhead extends Disposable {
  /** theta+ */
  readonly params: Params;
  readonly state: OptimizerState;
  /**
   * The adjoint of the step's derivative in the gradient, applied to a direction: (d theta+ / d g)^T v.
   * For plain SGD that is -learningRate * v. The result belongs to the caller.
   */
  adjoint(direction: Params): Params;
  /** Where the adjoint is a mere multiple of its argument, that multiple: then nobody need compute it. */
  readonly factor?: number;
  /**
   * The whole transpose: cotangents of theta+ and the new state go back to theta, the gradient and the old state, for
   * look-aheads of several steps. Arguments are borrowed, the result belongs to the caller. An optimizer without it
   * works with all other methods.
   */
  pullback?(cotangents: Cotangents): Cotangents & { readonly gradients: Params };
}

/** A pure update rule (the optax way): parameters and state go in, new ones come out and belong to the caller. */
export interface Optimizer {
  readonly learningRate: Schedule;
  /** State before the first update; owned by the caller. */
  init(params: Params): OptimizerState;
  update(
    params: Params,
    gradients: Params,
    state: OptimizerState,
    learningRate: number,
  ): { params: Params; state: OptimizerState };
  /** What `update` would do, with its derivative. */
  lookAhead(params: Params, gradients: Params, state: OptimizerState, learningRate: number): LookAhead;
}
export const Optimizer: ServiceIdentifier<Optimizer> = Symbol.for('auxflow/Optimizer');
