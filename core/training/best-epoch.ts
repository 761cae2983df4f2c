import type { Variables } from '../autodiff/index.js';
import type { Evaluation } from '../events/index.js';

/** The epoch that scored best on the validation split. */
export interface ScoredEpoch {
  readonly epoch: number;
  readonly validation: Evaluation;
  /** theta1 after that epoch. */
  readonly variables: Variables & Disposable;
}

/** Keeps the weights of the epoch with the highest validation accuracy, the earliest of equals; owns them. */
export class BestEpoch implements Disposable {
  private kept: ScoredEpoch | undefined;

  get scored(): ScoredEpoch | undefined {
    return this.kept;
  }

  /** @param hold takes the weights, where this epoch is the best so far. */
  offer(epoch: number, validation: Evaluation, hold: () => Variables & Disposable): void {
    if (this.kept && validation.primaryAccuracy <= this.kept.validation.primaryAccuracy) return;
    this[Symbol.dispose]();
    this.kept = { epoch, validation, variables: hold() };
  }

  [Symbol.dispose](): void {
    this.kept?.variables[Symbol.dispose]();
    this.kept = undefined;
  }
}
