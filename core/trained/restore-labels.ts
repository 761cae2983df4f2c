import type { Variables } from '../autodiff/index.js';
import { Checkpoints, partOf, readCheckpoint } from '../checkpoint/index.js';
import type { Checkpoint } from '../checkpoint/index.js';
import type { Scope } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Composition } from '../pipeline/index.js';
import type { AuxiliaryLabels } from '../stages/index.js';
import { readWeights } from './saved-weights.js';

/**
 * Puts the strategy of a fresh composition where its run left it: what the last checkpoint keeps of it, or what it prepares again
 * from the run's seed.
 * @returns the trained weights of a strategy that learns, owned by `scope`
 * @throws DataError where its weights aren't there or don't fit, where the checkpoint is damaged, or where labels that change
 *   in training aren't kept
 */
export async function restoreLabels(
  { labels, state }: Pick<Composition, 'labels' | 'state'>,
  folder: string,
  scope: Scope,
): Promise<Variables | undefined> {
  await restoreState(labels, folder);
  return state.theta2 && readWeights(folder, 'theta2', state.theta2.variables, scope);
}

async function restoreState(labels: AuxiliaryLabels, folder: string): Promise<void> {
  if (labels.restore) {
    using checkpoint = await lastCheckpoint(folder);
    const stages = checkpoint && partOf(checkpoint, 'stages');
    const kept = stages && partOf(stages, 'auxiliary');
    if (kept) {
      labels.restore(kept);
      return;
    }
  }
  if (labels.epochStart || (labels.restore && !labels.prepare)) {
    throw new DataError('labels/not-kept', 'its labels change in training, and no checkpoint keeps them', {
      hint: 'The last checkpoint of a run keeps them, in `checkpoints` of its folder.',
    });
  }
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- only the work counts
  for await (const progress of labels.prepare?.() ?? []);
}

/** A run's newest checkpoint, owned by the caller. */
async function lastCheckpoint(folder: string): Promise<Checkpoint | undefined> {
  const path = await new Checkpoints(folder, 1).newestPath();
  return path === undefined ? undefined : readCheckpoint(path);
}
