import { DataError } from '../../core/errors/index.js';
import { readIdx } from './idx-file.js';
import type { IdxArray } from './idx-format.js';

/** Images and labels of one split, as two IDX files hold them. */
export interface IdxSamples {
  readonly images: IdxArray;
  readonly labels: IdxArray;
}

/**
 * Reads a split and checks that its two files belong together.
 * @throws DataError for a damaged file, shapes other than [samples, ...] and [samples], or counts that differ.
 */
export async function readSamples(imagesPath: string, labelsPath: string): Promise<IdxSamples> {
  const images = await readIdx(imagesPath);
  const labels = await readIdx(labelsPath);
  const fault = (code: string, path: string, byte: number, message: string) =>
    new DataError(code, `${path}, byte ${byte}: ${message}`);

  const { length: rank } = images.shape;
  if (rank < 2 || rank > 4)
    throw fault(
      'data/wrong-shape',
      imagesPath,
      3,
      `${rank} dimensions; inputs have 2 (samples, features), 3 (samples, height, width) or 4 (with channels)`,
    );
  const empty = images.shape.indexOf(0);
  if (empty >= 0)
    throw fault('data/wrong-shape', imagesPath, 4 + 4 * empty, `dimension ${empty} is 0, so there are no samples`);
  if (labels.shape.length !== 1)
    throw fault(
      'data/wrong-shape',
      labelsPath,
      3,
      `${labels.shape.length} dimensions; labels have 1, one number per sample`,
    );
  if (labels.type.startsWith('f'))
    throw fault('data/wrong-type', labelsPath, 2, `labels of type ${labels.type}; they must be integers`);
  if (labels.shape[0] !== images.shape[0])
    throw fault(
      'data/count-mismatch',
      labelsPath,
      4,
      `${labels.shape[0]} labels for the ${images.shape[0]} samples of ${imagesPath}`,
    );

  const infinite = images.type.startsWith('f')
    ? images.values.findIndex((value) => !Number.isFinite(Math.fround(value)))
    : -1;
  if (infinite >= 0)
    throw new DataError('data/non-finite', `${images.at(infinite)}: ${images.values[infinite]} is no finite float32`);
  return { images, labels };
}

/** Shape of one input, channels last: `[height, width, 1]`, `[height, width, channels]` or `[features]`. */
export const inputShape = ({ images: { shape } }: IdxSamples): readonly number[] =>
  shape.length === 3 ? [...shape.slice(1), 1] : shape.slice(1);

/**
 * The largest label of a split.
 * @param expectation what the error says labels should be.
 * @throws DataError for a label below 0 or not below `limit`.
 */
export function largestLabel({ labels }: IdxSamples, limit: number, expectation: string): number {
  const { values } = labels;
  const bad = values.findIndex((label) => label < 0 || label >= limit);
  if (bad >= 0)
    throw new DataError('data/label-out-of-range', `${labels.at(bad)}: label ${values[bad]}, but ${expectation}`);
  let largest = 0;
  for (const label of values) largest = Math.max(largest, label);
  return largest;
}
