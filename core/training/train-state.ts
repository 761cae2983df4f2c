import { disposeParams, disposeVariables, mapParams } from '../autodiff/index.js';
import type { Params, Variables } from '../autodiff/index.js';
import type { Optimizer, OptimizerState } from '../stages/index.js';

/** One network's weights and its optimizer's state; owns the tensors of both. */
export class Learner implements Disposable {
  /** Takes ownership of `variables` and `optimizer`. */
  constructor(
    public variables: Variables,
    public optimizer: OptimizerState,
  ) {}

  /** Moves the weights by one update of `rule`. */
  update(rule: Optimizer, gradients: Params, learningRate: number): void {
    const { params, state } = rule.update(this.variables.params, gradients, this.optimizer, learningRate);
    disposeParams(this.variables.params, this.optimizer.tensors);
    this.variables = { params, state: this.variables.state };
    this.optimizer = state;
  }

  /** Takes over new running statistics; `stateUpdate` stays with its owner. */
  commit(stateUpdate: Params): void {
    const { params, state } = this.variables;
    for (const name of Object.keys(stateUpdate)) state[name]?.dispose();
    this.variables = { params, state: { ...state, ...mapParams(stateUpdate, (tensor) => tensor.clone()) } };
  }

  [Symbol.dispose](): void {
    disposeVariables(this.variables);
    disposeParams(this.optimizer.tensors);
  }
}

/** All that a run changes; owned by the run's scope. */
export class TrainState implements Disposable {
  /** Epochs finished. */
  epoch = 0;

  /**
   * Takes ownership of both learners.
   * @param theta1 the multi-task network
   * @param theta2 the label network, where a strategy learns
   */
  constructor(
    readonly theta1: Learner,
    readonly theta2?: Learner,
  ) {}

  [Symbol.dispose](): void {
    this.theta1[Symbol.dispose]();
    this.theta2?.[Symbol.dispose]();
  }
}
