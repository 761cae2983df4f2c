import { cloneParams, disposeParams, disposeVariables, training } from '../autodiff/index.js';
import type { Mode, Params, Variables } from '../autodiff/index.js';
import { BestEpoch } from './best-epoch.js';
import type { LookAhead, Optimizer, OptimizerState } from '../stages/index.js';

/** One network's weights and its optimizer's state; owns the tensors of both. */
export class Learner implements Disposable {
  /**
   * Takes ownership of `variables` and `optimizer`.
   * @param masks the run's number from which stochastic layers draw their masks, new ones after each update
   */
  constructor(
    public variables: Variables,
    public optimizer: OptimizerState,
    private readonly masks = 0,
  ) {}

  /** How the network is evaluated in training before its next update: linearisations until then share their masks. */
  get mode(): Mode {
    return training(this.masks + this.optimizer.count);
  }

  /** Moves the weights by one update of `rule`. */
  update(rule: Optimizer, gradients: Params, learningRate: number): void {
    this.moveTo(rule.update(this.variables.params, gradients, this.optimizer, learningRate));
  }

  /** Takes a step that was worked out before; `ahead` keeps its own handles of the tensors. */
  take({ params, state: { tensors, count } }: Pick<LookAhead, 'params' | 'state'>): void {
    this.moveTo({ params: cloneParams(params), state: { tensors: cloneParams(tensors), count } });
  }

  /** Takes over new running statistics; `stateUpdate` stays with its owner. */
  commit(stateUpdate: Params): void {
    const { params, state } = this.variables;
    for (const name of Object.keys(stateUpdate)) state[name]?.dispose();
    this.variables = { params, state: { ...state, ...cloneParams(stateUpdate) } };
  }

  /** The weights as they are now, for whoever needs them beyond the next update; owned by the caller. */
  hold(): Variables & Disposable {
    const { params, state } = this.variables;
    const held = { params: cloneParams(params), state: cloneParams(state) };
    return { ...held, [Symbol.dispose]: () => disposeVariables(held) };
  }

  [Symbol.dispose](): void {
    disposeVariables(this.variables);
    disposeParams(this.optimizer.tensors);
  }

  private moveTo({ params, state }: { readonly params: Params; readonly state: OptimizerState }): void {
    disposeParams(this.variables.params, this.optimizer.tensors);
    this.variables = { params, state: this.variables.state };
    this.optimizer = state;
  }
}

/** All that a run changes; owned by the run's scope. */
export class TrainState implements Disposable {
  /** Epochs finished. */
  epoch = 0;
  /** The best one of them by the validation split, where the run selects it. */
  readonly best = new BestEpoch();

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
    this.best[Symbol.dispose]();
  }
}
