import { evaluating } from '../autodiff/index.js';
import type { Mode, Variables } from '../autodiff/index.js';
import { isLearned } from '../stages/index.js';
import type { AuxiliaryLabels, Batch } from '../stages/index.js';

/** The auxiliary labels of a batch. */
export interface BatchLabels {
  /** A row for each sample, one after another, each a distribution over the head's outputs. */
  readonly targets: Float32Array;
  /** Each sample's weight in the auxiliary loss, where the strategy weighs them. */
  readonly weights?: Float32Array;
}

/** Labels a batch, which it borrows; `undefined` where the strategy labels inputs that it changes, not the samples. */
export type Labeller = (batch: Batch) => BatchLabels | undefined;

/**
 * Labels batches as a strategy does now.
 * @param theta2 the weights of a learned one, borrowed
 * @param mode of its label network: by running statistics by default
 */
export function labeller(labels: AuxiliaryLabels, theta2?: Variables, mode: Mode = evaluating): Labeller {
  return (batch) => {
    using made = theta2 && isLearned(labels) ? labels.linearize(theta2, batch, mode) : labels.for(batch, undefined);
    if ('inputs' in made && made.inputs) return undefined;
    const { targets, weights } = made;
    return { targets: targets.dataSync<'float32'>(), ...(weights && { weights: weights.dataSync<'float32'>() }) };
  };
}
