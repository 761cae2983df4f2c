import type { Samples } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';
import { readMat } from './mat-file.js';
import type { MatArray } from './mat-format.js';
import { channelsLast, copyImage } from './stored-images.js';

const imageBytes = 3072;
/** MATLAB stores columns, and the channels one after the other. */
const columns = channelsLast([32, 32, 3], { row: 1, column: 32, channel: 1024 });

/**
 * Reads a file of SVHN's cropped digits: images `X` `[32, 32, 3, samples]` and labels `y`, where 10 stands for the digit 0.
 * @returns images `[32, 32, 3]` as bytes, and labels of level `digit`.
 * @throws DataError for a damaged file, or one without such variables.
 */
export async function readSvhn(path: string): Promise<Samples> {
  const arrays = await readMat(path);
  const variable = (name: string): MatArray => {
    const array = arrays.get(name);
    if (array) return array;
    const names = [...arrays.keys()].join(', ');
    throw new DataError('data/missing-variable', `${path}: no variable ${name} of numbers; it has ${names || 'none'}`);
  };
  const inputs = checkedImages(variable('X'));
  const labels = variable('y');
  const count = inputs.length / imageBytes;
  if (labels.values.length !== count)
    throw new DataError(
      'data/count-mismatch',
      `${labels.at(0)}: ${labels.values.length} labels y for ${count} images X`,
    );
  const bad = labels.values.findIndex((label) => !(Number.isInteger(label) && label >= 1 && label <= 10));
  if (bad >= 0)
    throw new DataError(
      'data/label-out-of-range',
      `${labels.at(bad)}: label ${labels.values[bad]}, but those of SVHN are 1 to 9, and 10 for the digit 0`,
    );

  const stored = new Uint8Array(imageBytes);
  for (let offset = 0; offset < inputs.length; offset += imageBytes) {
    stored.set(inputs.subarray(offset, offset + imageBytes));
    copyImage(stored, columns, inputs, offset);
  }
  return { inputs, labels: { digit: Uint8Array.from(labels.values, (label) => label % 10) } };
}

function checkedImages({ shape, values, at }: MatArray): Uint8Array {
  const [height, width, channels, count = 1] = shape;
  if (height !== 32 || width !== 32 || channels !== 3 || count === 0 || shape.length > 4)
    throw new DataError('data/wrong-shape', `${at(0)}: X is ${shape.join(' x ')}, not 32 x 32 x 3 x samples`);
  if (values instanceof Uint8Array) return values;
  throw new DataError('data/wrong-type', `${at(0)}: X holds other numbers than bytes`);
}
