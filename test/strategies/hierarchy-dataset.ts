import { tf } from '../../core/engine/index.js';
import type { Dataset, Level } from '../../core/stages/index.js';
import type { Batch } from '../../core/stages/index.js';
import { batchOf } from '../../core/training/index.js';

/** A dataset of flat inputs with given levels, in which every class of `base` has `repeat` samples in turn. */
export function datasetOf(
  levels: Readonly<Record<string, Level>>,
  labels: Readonly<Record<string, readonly number[]>>,
  { primary, fine }: { readonly primary: string; readonly fine?: string },
): Dataset {
  const size = Object.values(labels)[0]!.length;
  const split = {
    size,
    labels: Object.fromEntries(Object.entries(labels).map(([name, values]) => [name, Int32Array.from(values)])),
    inputs: (indices: Int32Array) => tf.tensor2d([...indices].map((index) => [index, 1])),
  };
  return {
    name: 'animals',
    inputShape: [2],
    levels,
    primary,
    ...(fine !== undefined && { fine }),
    batch: 2,
    train: split,
    test: split,
  };
}

/** All training samples in one batch. */
export const everything = (dataset: Dataset): Batch =>
  batchOf(
    dataset,
    dataset.train,
    Int32Array.from({ length: dataset.train.size }, (_, n) => n),
  );
