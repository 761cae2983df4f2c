import { evaluating } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import type { Target } from '../stages/index.js';
import { heads } from '../training/index.js';
import type { TrainedRun } from './open-run.js';
import { readSamples } from './sample-reader.js';

/** What a classification says of a sample. */
export interface ClassPrediction {
  /** The file, or the place in it. */
  readonly sample: string;
  readonly class: string;
  /** Of every class, in the order of the dataset's classes. */
  readonly probabilities: readonly number[];
}

/** What a regression says of a sample. */
export interface NumberPrediction {
  readonly sample: string;
  /** In the target's own units. */
  readonly value: number;
}

export type Prediction = ClassPrediction | NumberPrediction;

/**
 * What a run's network makes of the samples in a file.
 * @param file absolute
 * @param name what to call it
 * @throws DataError for a file that can't be read as the run's inputs
 */
export async function predictFile(run: TrainedRun, file: string, name: string): Promise<Prediction[]> {
  const { dataset } = run.composition;
  const { inputs, names } = await readSamples(dataset, file, name);
  using owned = inputs;
  const values = outputs(run, owned);
  const { target } = dataset;
  if (target) return names.map((sample, n) => ({ sample, value: inUnits(target, values[n]!) }));
  const { classes } = dataset.levels[dataset.primary]!;
  return names.map((sample, n) => {
    const row = values.subarray(n * classes.length, (n + 1) * classes.length);
    return { sample, class: classes[row.indexOf(Math.max(...row))]!, probabilities: [...row] };
  });
}

/**
 * What the primary task says by running statistics, row by row: probabilities, or standardised numbers in a regression; `inputs`
 * are borrowed.
 */
export function outputs({ composition, theta1 }: TrainedRun, inputs: tf.Tensor): Float32Array {
  const { dataset, network } = composition;
  using point = network.linearize(theta1, inputs, evaluating, [heads.primary]);
  const output = point.outputs[heads.primary]!;
  using told = dataset.target ? output.clone() : tf.softmax(output);
  return told.dataSync<'float32'>();
}

/** A standardised value in the target's own units, in the digits that float32 has. */
export const inUnits = ({ mean, deviation }: Target, value: number): number =>
  Number((mean + deviation * value).toPrecision(7));
