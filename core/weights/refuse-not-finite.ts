import type { Params } from '../autodiff/index.js';
import { DataError } from '../errors/index.js';
import { some } from './some.js';

/**
 * Refuses weights that are NaN or infinite, before training or scoring with them gives nothing but NaN. Everything is borrowed.
 * @param file where they are from, for errors
 * @throws DataError naming each tensor, its first such number and where in it that stands
 */
export function refuseNotFinite(file: string, tensors: Params): void {
  const faults = Object.entries(tensors).flatMap(([name, tensor]) => {
    const values = tensor.dataSync();
    const at = values.findIndex((value) => !Number.isFinite(value));
    return at < 0 ? [] : [`"${name}" has ${values[at]} at position ${at} of ${values.length}`];
  });
  if (faults.length === 0) return;
  throw new DataError('model/not-finite', `${file} holds weights that are no finite numbers:\n  ${some(faults)}`, {
    hint: 'The training they are from diverged, or their numbers are too large for float32: use weights from before that.',
  });
}
