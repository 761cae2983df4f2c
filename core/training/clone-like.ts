import { cloneParams } from '../autodiff/index.js';
import type { Params } from '../autodiff/index.js';
import type { Snapshot } from '../checkpoint/index.js';
import { DataError } from '../errors/index.js';

/**
 * Handles of their own on a snapshot's tensors, if these are named, shaped and typed like `expected`; owned by the caller.
 * @throws DataError naming the first tensor that isn't
 */
export function cloneLike(expected: Params, found: Pick<Snapshot, 'tensors'> | undefined, what: string): Params {
  const tensors = found?.tensors ?? {};
  const refuse = (fault: string): never => {
    throw new DataError('checkpoint/mismatch', `the checkpoint is of another pipeline: in ${what} ${fault}`, {
      hint: 'resume with the pipeline that wrote it',
    });
  };
  for (const [name, { shape, dtype }] of Object.entries(expected)) {
    const tensor = tensors[name];
    if (!tensor) return refuse(`"${name}" is missing`);
    const [is, should] = [`${tensor.dtype} [${tensor.shape.join(', ')}]`, `${dtype} [${shape.join(', ')}]`];
    if (is !== should) return refuse(`"${name}" is ${is}, not ${should}`);
  }
  const surplus = Object.keys(tensors).find((name) => !Object.hasOwn(expected, name));
  if (surplus !== undefined) return refuse(`"${surplus}" has no place`);
  return cloneParams(Object.fromEntries(Object.keys(expected).map((name) => [name, tensors[name]!])));
}
