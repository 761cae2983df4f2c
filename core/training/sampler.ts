import { Generator, tf, type Random } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Batch, Dataset, Split } from '../stages/index.js';

/**
 * The order in which a pass walks over its samples: a function of run seed, pass and epoch alone, so that a resumed run
 * needs no generator's past.
 */
export const epochOrder = (random: Random, pass: string, epoch: number, size: number): Int32Array =>
  Generator.for(random.seed, `order/${pass}/${epoch}`).permutation(size);

/**
 * The split batch by batch, each drawn when it is asked for and owned by whoever draws it. The last one holds what is left.
 * @param order positions in the split, each to be visited once; those of the whole split in turn by default.
 * @example for (using batch of batches(dataset, dataset.test, { batch: 250 })) evaluate(batch)
 */
export function* batches(
  dataset: Pick<Dataset, 'name' | 'primary' | 'target'>,
  split: Split,
  { batch, order = identity(split.size) }: { readonly batch: number; readonly order?: Int32Array },
): Iterable<Batch> {
  for (let start = 0; start < order.length; start += batch)
    yield batchOf(dataset, split, order.slice(start, start + batch));
}

/**
 * The samples at `indices` of a split as one batch, owned by the caller.
 * @param augment makes other inputs of the split's own, which it borrows.
 */
export function batchOf(
  { name, primary: level, target }: Pick<Dataset, 'name' | 'primary' | 'target'>,
  split: Split,
  indices: Int32Array,
  augment?: (inputs: tf.Tensor) => tf.Tensor,
): Batch {
  const labels = split.labels[level];
  if (!labels) throw new DataError('data/unlabelled-level', `a split of ${name} has no labels of level "${level}"`);
  if (target && !split.targets)
    throw new DataError('data/no-targets', `a split of ${name} has no values of its target "${target.name}"`);
  const primaryClasses = indices.map((index) => labels[index]!);
  const inputs = augment ? augmented(split.inputs(indices), augment) : split.inputs(indices);
  const primary = target
    ? tf.tensor2d(
        Float32Array.from(indices, (index) => split.targets![index]!),
        [indices.length, 1],
      )
    : tf.tensor1d(primaryClasses, 'int32');
  return {
    size: indices.length,
    indices,
    inputs,
    primaryClasses,
    primary,
    ...(target && { target }),
    [Symbol.dispose]() {
      inputs.dispose();
      primary.dispose();
    },
  };
}

/** A batch that outlives the one it is taken from, on the same values; owned by the caller. */
export function holdBatch(batch: Batch): Batch {
  const [inputs, primary] = [batch.inputs.clone(), batch.primary.clone()];
  return { ...batch, inputs, primary, [Symbol.dispose]: () => tf.dispose([inputs, primary]) };
}

function augmented(inputs: tf.Tensor, augment: (inputs: tf.Tensor) => tf.Tensor): tf.Tensor {
  using own = inputs;
  return augment(own);
}

const identity = (size: number): Int32Array => Int32Array.from({ length: size }, (_, index) => index);
