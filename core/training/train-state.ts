import { z } from 'zod';
import { cloneParams, disposeParams, disposeVariables, training } from '../autodiff/index.js';
import type { Mode, Params, Variables } from '../autodiff/index.js';
import { joinSnapshots, partOf, type Resumable, type Snapshot } from '../checkpoint/index.js';
import { BestEpoch } from './best-epoch.js';
import { cloneLike } from './clone-like.js';
import type { LookAhead, Optimizer, OptimizerState } from '../stages/index.js';

/** One network's weights and its optimizer's state; owns the tensors of both. */
export class Learner implements Disposable, Resumable {
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

  snapshot(): Snapshot {
    const { params, state } = this.variables;
    const { tensors, count } = this.optimizer;
    return joinSnapshots({
      params: { tensors: params, values: {} },
      state: { tensors: state, values: {} },
      optimizer: { tensors, values: { count } },
    });
  }

  /** @throws DataError where the snapshot is of another network or optimizer. */
  restore(snapshot: Snapshot): void {
    const optimizer = partOf(snapshot, 'optimizer');
    const { count } = z.object({ count: z.int().min(0) }).parse(optimizer?.values);
    const params = cloneLike(this.variables.params, partOf(snapshot, 'params'), 'weights');
    const state = cloneLike(this.variables.state, partOf(snapshot, 'state'), 'running statistics');
    const tensors = cloneLike(this.optimizer.tensors, optimizer, "the optimizer's state");
    this[Symbol.dispose]();
    this.variables = { params, state };
    this.optimizer = { tensors, count };
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
export class TrainState implements Disposable, Resumable {
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

  snapshot(): Snapshot {
    const { theta1, theta2, best, epoch } = this;
    return joinSnapshots({
      theta1: theta1.snapshot(),
      ...(theta2 && { theta2: theta2.snapshot() }),
      best: best.snapshot(),
      epoch: { tensors: {}, values: epoch },
    });
  }

  /** @throws DataError where the snapshot is of other networks. */
  restore(snapshot: Snapshot): void {
    const part = (name: string): Snapshot => partOf(snapshot, name) ?? { tensors: {}, values: {} };
    this.theta1.restore(part('theta1'));
    this.theta2?.restore(part('theta2'));
    this.best.restore(part('best'), this.theta1.variables);
    this.epoch = z.int().min(0).parse(part('epoch').values);
  }

  [Symbol.dispose](): void {
    this.theta1[Symbol.dispose]();
    this.theta2?.[Symbol.dispose]();
    this.best[Symbol.dispose]();
  }
}
