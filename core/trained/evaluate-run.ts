import { evaluating } from '../autodiff/index.js';
import { ConfigError } from '../errors/index.js';
import type { Dataset, Split } from '../stages/index.js';
import { batches, heads } from '../training/index.js';
import type { TrainedRun } from './open-run.js';

/** As many samples at once as in a run's own evaluation, so that the sums agree to the last bit. */
const batchSize = 250;

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

export interface RunEvaluation {
  readonly split: SplitName;
  readonly samples: number;
  readonly accuracy: number;
  /** Mean primary loss. */
  readonly loss: number;
  readonly classes: readonly ClassScore[];
  /** Samples by their class (rows) and by the predicted one (columns). */
  readonly confusion: readonly (readonly number[])[];
}

/**
 * Scores a split by running statistics, as the run itself does, never augmented.
 * @throws ConfigError for a validation split where nothing is held out
 */
export function evaluateRun({ composition, theta1 }: TrainedRun, split: SplitName): RunEvaluation {
  const { dataset, network, objective } = composition;
  const names = dataset.levels[dataset.primary]!.classes;
  const confusion = names.map(() => names.map(() => 0));
  let loss = 0;
  let samples = 0;
  for (using batch of batches(dataset, splitOf(dataset, split), { batch: Math.max(batchSize, dataset.batch) })) {
    using point = network.linearize(theta1, batch.inputs, evaluating, [heads.primary]);
    using at = objective.primaryAt(point.outputs, batch.primary);
    using predicted = point.outputs[heads.primary]!.argMax(-1);
    loss += at.value * batch.size;
    samples += batch.size;
    for (const [n, guess] of predicted.dataSync().entries()) confusion[batch.primaryClasses[n]!]![guess]! += 1;
  }
  const correct = names.reduce((sum, _, k) => sum + confusion[k]![k]!, 0);
  const classes = names.map((name, k) => score(name, k, confusion));
  return { split, samples, accuracy: correct / samples, loss: loss / samples, classes, confusion };
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

function score(name: string, k: number, confusion: RunEvaluation['confusion']): ClassScore {
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
