import { tf } from '../../core/engine/index.js';
import type { SampleReader } from '../../core/trained/index.js';
import { readCsv } from './csv-file.js';
import { fillMissing, standardise } from './csv-fit.js';
import { LevelColumns } from './csv-levels.js';
import { csvSamples } from './csv-samples.js';

/** How the rows that a run was trained on were made into inputs. */
interface Fitted {
  readonly names: readonly string[];
  /** The training rows as they were read. */
  readonly train: Float64Array;
  readonly separator?: string | undefined;
  readonly missing: 'refuse' | 'mean';
  readonly standardise: boolean;
}

/**
 * Reads rows of other files as a dataset's own, by the means and deviations of its training rows; label columns may be there or
 * not. Rows are called by file and line.
 */
export const csvReader = (fitted: Fitted): SampleReader => ({
  async readSamples(path, name) {
    const { names, missing, separator } = fitted;
    const file = await readCsv(path, separator);
    const { inputs } = csvSamples(file, { features: names, levels: [] }, new LevelColumns([]), missing === 'mean');
    const features = { names, train: fitted.train.slice(), test: inputs };
    const positions = Int32Array.from({ length: features.train.length / names.length }, (_, row) => row);
    if (missing === 'mean') fillMissing(features, positions);
    if (fitted.standardise) standardise(features, positions);
    return {
      inputs: tf.tensor2d(Float32Array.from(inputs), [inputs.length / names.length, names.length]),
      names: Array.from(file.rows(), ([first]) => `${name}:${first!.line}`),
    };
  },
});
