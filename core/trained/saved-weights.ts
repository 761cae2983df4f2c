import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Params, Variables } from '../autodiff/index.js';
import { readSafetensors } from '../checkpoint/index.js';
import type { Scope } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import { misfits, refuseNotFinite, some } from '../weights/index.js';

/** A network whose weights a run leaves. */
export type SavedNetwork = 'theta1' | 'theta1-selected' | 'theta2';

const absent: Readonly<Record<SavedNetwork, string>> = {
  theta1: 'A run writes its weights when it ends.',
  'theta1-selected':
    'A run has them where its pipeline says `evaluation: { select: validation }`; --weights last needs none.',
  theta2: 'A run writes its weights when it ends.',
};

/** Where in a run's folder they are. */
export const weightsFile = (folder: string, network: SavedNetwork): string =>
  join(folder, 'weights', `${network}.safetensors`);

/**
 * Reads the weights and running statistics that a run has left of a network; owned by `scope`.
 * @param like fresh ones of the run's own pipeline, borrowed
 * @throws DataError where they aren't there, are another network's, or are no finite numbers
 */
export async function readWeights(
  folder: string,
  network: SavedNetwork,
  like: Variables,
  scope: Scope,
): Promise<Variables> {
  const file = weightsFile(folder, network);
  if (!existsSync(file)) throw new DataError('run/no-weights', `there is no ${file}`, { hint: absent[network] });
  const { tensors } = await readSafetensors(file);
  for (const tensor of Object.values(tensors)) scope.own(tensor);
  const faults = misfits(tensors, { ...like.params, ...like.state });
  if (faults.length > 0) {
    throw new DataError('run/other-weights', `${file} doesn't fit the run's own pipeline:\n  ${some(faults)}`, {
      hint: 'Has config.yaml been edited, or has --set changed more than the data?',
    });
  }
  refuseNotFinite(file, tensors);
  const take = (wanted: Params): Params =>
    Object.fromEntries(Object.keys(wanted).map((name) => [name, tensors[name]!]));
  return { params: take(like.params), state: take(like.state) };
}
