import { evaluating } from '../autodiff/index.js';
import type { Network, Variables } from '../autodiff/index.js';
import type { Batch } from '../stages/index.js';
import { heads } from './objective.js';
import type { Objective } from './objective.js';
import { countCorrect } from './train-step.js';

/** Sums over the samples seen so far. */
export interface Score {
  readonly samples: number;
  readonly loss: number;
  readonly correct: number;
}

/** Scores one batch with running statistics. */
export function evaluateBatch(network: Network, theta1: Variables, objective: Objective, batch: Batch): Score {
  using point = network.linearize(theta1, batch.inputs, evaluating, [heads.primary]);
  using loss = objective.primaryAt(point.outputs, batch.primary);
  return {
    samples: batch.size,
    loss: loss.value * batch.size,
    correct: countCorrect(point.outputs[heads.primary]!, batch.primaryClasses),
  };
}

export const addScores = (a: Score, b: Score): Score => ({
  samples: a.samples + b.samples,
  loss: a.loss + b.loss,
  correct: a.correct + b.correct,
});
