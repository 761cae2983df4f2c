import { Checkpoints, partOf, readCheckpoint } from '../checkpoint/index.js';
import type { Checkpoint } from '../checkpoint/index.js';
import { DataError } from '../errors/index.js';
import type { Composition } from '../pipeline/index.js';
import type { AuxiliaryLabels, Dataset } from '../stages/index.js';
import { batches } from '../training/index.js';
import type { Learner } from '../training/index.js';
import { evenBatch, labelling, rowsOf, sampleLimit, spread } from './labelling.js';
import type { Labelling } from './labelling.js';

/**
 * The labels that a run's strategy gave its training samples: those kept in its last checkpoint, or made again from its seed.
 * @returns `undefined` where labels prefer no class of a sample, or are of other inputs than the samples
 * @throws DataError where labels that change from epoch to epoch aren't kept, or the checkpoint is damaged
 */
export async function fixedLabelling(
  { dataset, labels, state }: Composition,
  folder: string,
): Promise<Labelling | undefined> {
  await restoreLabels(labels, folder);
  return labellingAsTheyAre(dataset, labels, state.theta2);
}

/**
 * The labels that a strategy gives its training samples now.
 * @returns `undefined` where labels prefer no class of a sample, or are of other inputs than the samples
 */
export function labellingAsTheyAre(dataset: Dataset, labels: AuxiliaryLabels, theta2?: Learner): Labelling | undefined {
  const order = spread(dataset.train.size, sampleLimit);
  const rows: Float32Array[] = [];
  for (using drawn of batches(dataset, dataset.train, { batch: evenBatch(order.length), order })) {
    using made = labels.for(drawn, theta2);
    if (made.inputs) return undefined;
    rows.push(...rowsOf(made.targets.dataSync<'float32'>(), drawn.size));
  }
  if (!rows.every(prefersOne)) return undefined;
  return labelling(dataset, labels.head!, { split: 'train', order, rows });
}

const prefersOne = (row: Float32Array): boolean => {
  const highest = Math.max(...row);
  return row.indexOf(highest) === row.lastIndexOf(highest);
};

/** Puts a strategy where its run left it. */
async function restoreLabels(labels: AuxiliaryLabels, folder: string): Promise<void> {
  if (!labels.prepare && !labels.epochStart) return;
  using checkpoint = await lastCheckpoint(folder);
  const stages = checkpoint && partOf(checkpoint, 'stages');
  const kept = stages && partOf(stages, 'auxiliary');
  if (kept && labels.restore) labels.restore(kept);
  else if (labels.epochStart)
    throw new DataError('report/no-labels', 'its labels change from epoch to epoch, and no checkpoint keeps them');
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- only the work counts
  else for await (const progress of labels.prepare!());
}

/** A run's newest checkpoint, owned by the caller. */
async function lastCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const path = await new Checkpoints(folder, 1).newestPath();
  return path === undefined ? undefined : readCheckpoint(path);
}
