import { evaluating } from '../autodiff/index.js';
import type { Network, Variables } from '../autodiff/index.js';
import type { Evaluation } from '../events/index.js';
import type { Batch, Dataset } from '../stages/index.js';
import { heads } from './objective.js';
import type { Objective } from './objective.js';
import { addSums, scoringOf } from './scoring.js';
import type { ScoreSums } from './scoring.js';

/**
 * Samples per batch where nothing is learned: larger ones than 250 gain nothing, and a training step's fit. Scores depend on it in
 * their last bits.
 */
export const evaluationBatch = ({ batch }: Pick<Dataset, 'batch'>): number => Math.max(250, batch);

/** Sums over the samples seen so far. */
export interface Tallied {
  readonly samples: number;
  readonly loss: number;
  readonly sums: ScoreSums;
}

/** Scores one batch with running statistics. */
export function evaluateBatch(network: Network, theta1: Variables, objective: Objective, batch: Batch): Tallied {
  using point = network.linearize(theta1, batch.inputs, evaluating, [heads.primary]);
  using loss = objective.primaryAt(point.outputs, batch.primary);
  return {
    samples: batch.size,
    loss: loss.value * batch.size,
    sums: scoringOf(batch).sums(point.outputs[heads.primary]!, batch),
  };
}

export const addTallied = (a: Tallied, b: Tallied): Tallied => ({
  samples: a.samples + b.samples,
  loss: a.loss + b.loss,
  sums: addSums(a.sums, b.sums),
});

/** What the sums over a whole split of `dataset` come to. */
export const scored = (
  dataset: Pick<Dataset, 'target'>,
  { samples, loss, sums }: Tallied,
): Omit<Evaluation, 'split'> => ({
  samples,
  primaryLoss: loss / samples,
  ...scoringOf(dataset).ofSplit(sums, samples),
});
