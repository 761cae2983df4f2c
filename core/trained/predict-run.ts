import { evaluating } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Target } from '../stages/index.js';
import { evaluationBatch, heads } from '../training/index.js';
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
 * What a run's network makes of inputs, row by row; the samples are called by their row, from `0`.
 * @param inputs float32 `[samples, ...inputShape]`, normalised as the run's dataset is; borrowed
 * @throws DataError for inputs of another shape or type
 */
export function predict(run: TrainedRun, inputs: tf.Tensor): Prediction[] {
  const { inputShape } = run.composition.dataset;
  const { shape, dtype } = inputs;
  if (dtype !== 'float32' || shape.slice(1).join() !== inputShape.join()) {
    throw new DataError(
      'predict/inputs',
      `the run takes inputs that are float32 [samples, ${inputShape.join(', ')}], not ${dtype} [${shape.join(', ')}]`,
      { hint: 'One sample alone becomes a batch by `tf.expandDims(sample)`; `tf.cast` changes the type.' },
    );
  }
  return predictions(
    run,
    inputs,
    Array.from({ length: shape[0] }, (_, row) => String(row)),
  );
}

/**
 * What a run's network makes of the samples in a file: an image, or what the dataset reads itself.
 * @param file counted from the working directory
 * @param name what to call it
 * @throws DataError for a file that can't be read as the run's inputs
 */
export async function predictFile(run: TrainedRun, file: string, name = file): Promise<Prediction[]> {
  const { inputs, names } = await readSamples(run.composition.dataset, file, name);
  using owned = inputs;
  return predictions(run, owned, names);
}

function predictions(run: TrainedRun, inputs: tf.Tensor, names: readonly string[]): Prediction[] {
  const { levels, primary, target } = run.composition.dataset;
  const values = outputs(run, inputs);
  if (target) return names.map((sample, n) => ({ sample, value: inUnits(target, values[n]!) }));
  const { classes } = levels[primary]!;
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
  const atOnce = evaluationBatch(dataset);
  const values: number[] = [];
  for (let from = 0; from < inputs.shape[0]; from += atOnce) {
    using some = inputs.slice([from], [Math.min(atOnce, inputs.shape[0] - from)]);
    using point = network.linearize(theta1, some, evaluating, [heads.primary]);
    const output = point.outputs[heads.primary]!;
    using told = dataset.target ? output.clone() : tf.softmax(output);
    values.push(...told.dataSync<'float32'>());
  }
  return Float32Array.from(values);
}

/** A standardised value in the target's own units, in the digits that float32 has. */
export const inUnits = ({ mean, deviation }: Target, value: number): number =>
  Number((mean + deviation * value).toPrecision(7));
