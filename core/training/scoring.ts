import type { tf } from '../engine/index.js';
import type { Evaluation, PrimaryScores } from '../events/index.js';
import type { Batch, Dataset } from '../stages/index.js';

/** Sums over samples that a split's score follows from, by name: they add up from batch to batch. */
export type ScoreSums = Readonly<Record<string, number>>;

export const addSums = (a: ScoreSums, b: ScoreSums): ScoreSums =>
  Object.fromEntries(Object.entries(a).map(([name, sum]) => [name, sum + b[name]!]));

/** How a task's predictions are scored. */
export interface Scoring {
  /** @param output of the primary head; borrowed */
  sums(output: tf.Tensor, batch: Batch): ScoreSums;
  /** The score of one batch that is trained on. */
  ofStep(sums: ScoreSums, samples: number): PrimaryScores;
  /** The score of a whole split. */
  ofSplit(sums: ScoreSums, samples: number): PrimaryScores & Pick<Evaluation, 'primaryRmse'>;
}

/** Samples whose largest logit is their class. */
const classification: Scoring = {
  sums(output, { primaryClasses }) {
    using predicted = output.argMax(-1);
    const guesses = predicted.dataSync();
    return { correct: primaryClasses.reduce((correct, k, n) => correct + (k === guesses[n] ? 1 : 0), 0) };
  },
  ofStep: ({ correct }, samples) => ({ primaryAccuracy: correct! / samples }),
  ofSplit: ({ correct }, samples) => ({ primaryAccuracy: correct! / samples }),
};

/** Squared residuals, against the squares of the targets: over the training samples these have mean 0 and variance 1. */
const regression = (deviation: number): Scoring => ({
  sums(output, { primary }) {
    const [predicted, targets] = [output.dataSync<'float32'>(), primary.dataSync<'float32'>()];
    let [residuals, sum, squares] = [0, 0, 0];
    for (const [n, target] of targets.entries()) {
      residuals += (predicted[n]! - target) ** 2;
      sum += target;
      squares += target ** 2;
    }
    return { residuals, sum, squares };
  },
  ofStep: ({ residuals }, samples) => ({ primaryR2: 1 - residuals! / samples }),
  ofSplit: ({ residuals, sum, squares }, samples) => ({
    primaryR2: 1 - residuals! / (squares! - sum! ** 2 / samples),
    primaryRmse: deviation * Math.sqrt(residuals! / samples),
  }),
});

/** How the primary task of a dataset is scored, or of one of its batches. */
export const scoringOf = ({ target }: Pick<Dataset, 'target'>): Scoring =>
  target ? regression(target.deviation) : classification;
