import type { ServiceIdentifier } from 'inversify';
import type { Params } from '../autodiff/index.js';
import type { Schedule } from './schedule.js';

/** Tensors an optimizer keeps between steps (momentum buffers, moments), keyed like `momentum/trunk/conv1/kernel`. */
export interface OptimizerState {
  readonly tensors: Params;
  /** Updates made so far. */
  readonly count: number;
}

/** Weights after one step that has not been taken, and how they react to the gradient they were made from. */
export interface LookAhead extends Disposable {
  /** theta+, owned by the look-ahead. */
  readonly params: Params;
  /**
   * The adjoint of the update's derivative in the gradient, applied to a direction: (d theta+ / d g)^T v.
   * For plain SGD that is -learningRate * v. The result belongs to the caller.
   */
  adjoint(direction: Params): Params;
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
  /** What `update` would do to the parameters, and its derivative, with the state held fixed. */
  lookAhead(params: Params, gradients: Params, state: OptimizerState, learningRate: number): LookAhead;
}
export const Optimizer: ServiceIdentifier<Optimizer> = Symbol.for('auxflow/Optimizer');
