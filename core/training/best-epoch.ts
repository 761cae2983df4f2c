import { disposeVariables } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import { joinSnapshots, partOf, type Snapshot } from '../checkpoint/index.js';
import { scoreOf } from '../events/index.js';
import type { Evaluation } from '../events/index.js';
import { cloneLike } from './clone-like.js';

/** The epoch that scored best on the validation split. */
export interface ScoredEpoch {
  readonly epoch: number;
  readonly validation: Evaluation;
  /** theta1 after that epoch. */
  readonly variables: Variables & Disposable;
}

/** Keeps the weights of the epoch with the highest validation score, the earliest of equals; owns them. */
export class BestEpoch implements Disposable {
  private kept: ScoredEpoch | undefined;

  get scored(): ScoredEpoch | undefined {
    return this.kept;
  }

  /** @param hold takes the weights, where this epoch is the best so far. */
  offer(epoch: number, validation: Evaluation, hold: () => Variables & Disposable): void {
    if (this.kept && scoreOf(validation).value <= scoreOf(this.kept.validation).value) return;
    this[Symbol.dispose]();
    this.kept = { epoch, validation, variables: hold() };
  }

  snapshot(): Snapshot {
    if (!this.kept) return { tensors: {}, values: {} };
    const { epoch, validation, variables } = this.kept;
    return joinSnapshots({
      params: { tensors: variables.params, values: {} },
      state: { tensors: variables.state, values: {} },
      score: { tensors: {}, values: { epoch, validation } },
    });
  }

  /**
   * @param like weights of the same network
   * @throws DataError where the snapshot is of another network
   */
  restore(snapshot: Snapshot, like: Variables): void {
    this[Symbol.dispose]();
    const score = partOf(snapshot, 'score');
    if (!score) return;
    const { epoch, validation } = score.values as Pick<ScoredEpoch, 'epoch' | 'validation'>;
    const what = 'the weights of the best epoch';
    const variables = {
      params: cloneLike(like.params, partOf(snapshot, 'params'), what),
      state: cloneLike(like.state, partOf(snapshot, 'state'), what),
    };
    this.kept = {
      epoch,
      validation,
      variables: { ...variables, [Symbol.dispose]: () => disposeVariables(variables) },
    };
  }

  [Symbol.dispose](): void {
    this.kept?.variables[Symbol.dispose]();
    this.kept = undefined;
  }
}
