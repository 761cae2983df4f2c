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
  { name, primary }: Pick<Dataset, 'name' | 'primary'>,
  split: Split,
  { batch, order = identity(split.size) }: { readonly batch: number; readonly order?: Int32Array },
): Iterable<Batch> {
  const labels = split.labels[primary];
  if (!labels) throw new DataError('data/unlabelled-level', `a split of ${name} has no labels of level "${primary}"`);
  for (let start = 0; start < order.length; start += batch)
    yield draw(split, labels, order.slice(start, start + batch));
}

function draw(split: Split, labels: Int32Array, indices: Int32Array): Batch {
  const primaryClasses = indices.map((index) => labels[index]!);
  const inputs = split.inputs(indices);
  const primary = tf.tensor1d(primaryClasses, 'int32');
  return {
    size: indices.length,
    indices,
    inputs,
    primaryClasses,
    primary,
    [Symbol.dispose]() {
      inputs.dispose();
      primary.dispose();
    },
  };
}

const identity = (size: number): Int32Array => Int32Array.from({ length: size }, (_, index) => index);
