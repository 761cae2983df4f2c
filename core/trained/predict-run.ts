import { evaluating } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import { heads } from '../training/index.js';
import type { TrainedRun } from './open-run.js';
import { readSamples } from './sample-reader.js';

export interface Prediction {
  /** The file, or the place in it. */
  readonly sample: string;
  readonly class: string;
  /** Of every class, in the order of the dataset's classes. */
  readonly probabilities: readonly number[];
}

/**
 * What a run's network makes of the samples in a file.
 * @param file absolute
 * @param name what to call it
 * @throws DataError for a file that can't be read as the run's inputs
 */
export async function predictFile(run: TrainedRun, file: string, name: string): Promise<Prediction[]> {
  const { dataset } = run.composition;
  const { classes } = dataset.levels[dataset.primary]!;
  const { inputs, names } = await readSamples(dataset, file, name);
  using owned = inputs;
  const values = probabilities(run, owned);
  return names.map((sample, n) => {
    const row = values.subarray(n * classes.length, (n + 1) * classes.length);
    return { sample, class: classes[row.indexOf(Math.max(...row))]!, probabilities: [...row] };
  });
}

/** The primary task's probabilities by running statistics, row by row; `inputs` are borrowed. */
export function probabilities({ composition, theta1 }: TrainedRun, inputs: tf.Tensor): Float32Array {
  using point = composition.network.linearize(theta1, inputs, evaluating, [heads.primary]);
  using shares = tf.softmax(point.outputs[heads.primary]!);
  return shares.dataSync<'float32'>();
}
