import { evaluating } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { Batch, Dataset, Split, Target } from '../stages/index.js';
import { addSums, batches, evaluationBatch, heads, scoringOf, type ScoreSums } from '../training/index.js';
import type { TrainedRun } from './open-run.js';

export type SplitName = 'train' | 'validation' | 'test';

/** One class in an evaluation; a measure is `null` where nothing is counted in its denominator. */
export interface ClassScore {
  readonly name: string;
  /** Share of the samples said to be of this class that are. */
  readonly precision: number | null;
  /** Share of the class's samples that are found. */
  readonly recall: number | null;
  /** Harmonic mean of both. */
  readonly f1: number | null;
  /** Samples of the class. */
  readonly support: number;
}

interface SplitEvaluation {
  readonly split: SplitName;
  readonly samples: number;
  /** Mean primary loss. */
  readonly loss: number;
}

/** How a classification did. */
export interface ClassEvaluation extends SplitEvaluation {
  readonly accuracy: number;
  readonly classes: readonly ClassScore[];
  /** Samples by their class (rows) and by the predicted one (columns). */
  readonly confusion: readonly (readonly number[])[];
}

/** How a regression did. */
export interface NumberEvaluation extends SplitEvaluation {
  /** What was predicted; the errors below are in its own units. */
  readonly target: string;
  /** Share of the target's variance that is explained, at most 1. */
  readonly r2: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
  /** Mean absolute error. */
  readonly mae: number;
}

export type RunEvaluation = ClassEvaluation | NumberEvaluation;

/**
 * Scores a split by running statistics, as the run itself does, never augmented.
 * @throws ConfigError for a validation split where nothing is held out
 */
export function evaluateRun({ composition, theta1 }: TrainedRun, split: SplitName): RunEvaluation {
  const { dataset, network, objective } = composition;
  const { target } = dataset;
  const { see, found } = target ? numbers(target) : classes(dataset.levels[dataset.primary]!.classes);
  let loss = 0;
  let samples = 0;
  // As many samples at once as in the run's own evaluation, so that the sums agree to the last bit.
  for (using batch of batches(dataset, splitOf(dataset, split), { batch: evaluationBatch(dataset) })) {
    using point = network.linearize(theta1, batch.inputs, evaluating, [heads.primary]);
    using at = objective.primaryAt(point.outputs, batch.primary);
    loss += at.value * batch.size;
    samples += batch.size;
    see(point.outputs[heads.primary]!, batch);
  }
  return { split, samples, loss: loss / samples, ...found(samples) };
}

/** Looks at outputs batch by batch, and says what was found. */
interface Tally<T> {
  readonly see: (output: tf.Tensor, batch: Batch) => void;
  readonly found: (samples: number) => Omit<T, keyof SplitEvaluation>;
}

function classes(names: readonly string[]): Tally<ClassEvaluation> {
  const confusion = names.map(() => names.map(() => 0));
  return {
    see(output, { primaryClasses }) {
      using predicted = output.argMax(-1);
      for (const [n, guess] of predicted.dataSync().entries()) confusion[primaryClasses[n]!]![guess]! += 1;
    },
    found(samples) {
      const correct = names.reduce((sum, _, k) => sum + confusion[k]![k]!, 0);
      return { accuracy: correct / samples, classes: names.map((name, k) => score(name, k, confusion)), confusion };
    },
  };
}

function numbers(target: Target): Tally<NumberEvaluation> {
  const scoring = scoringOf({ target });
  let sums: ScoreSums | undefined;
  let absolute = 0;
  return {
    see(output, batch) {
      const own = scoring.sums(output, batch);
      sums = sums ? addSums(sums, own) : own;
      using errors = tf.tidy(() => tf.abs(tf.sub(output, batch.primary)));
      absolute += errors.dataSync<'float32'>().reduce((sum, error) => sum + error, 0);
    },
    found(samples) {
      const { primaryR2: r2, primaryRmse: rmse } = scoring.ofSplit(sums!, samples);
      return { target: target.name, r2: r2!, rmse: rmse!, mae: (target.deviation * absolute) / samples };
    },
  };
}

function splitOf(dataset: Dataset, name: SplitName): Split {
  const split = dataset[name];
  if (split) return split;
  throw ConfigError.of(
    'evaluation/no-split',
    ['dataset', 'validation'],
    `${dataset.name} holds no validation samples out in this run`,
    'use --split test or --split train',
  );
}

function score(name: string, k: number, confusion: ClassEvaluation['confusion']): ClassScore {
  const found = confusion[k]![k]!;
  const support = confusion[k]!.reduce((sum, count) => sum + count, 0);
  const claimed = confusion.reduce((sum, row) => sum + row[k]!, 0);
  const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
  return {
    name,
    precision: share(found, claimed),
    recall: share(found, support),
    f1: share(2 * found, claimed + support),
    support,
  };
}
