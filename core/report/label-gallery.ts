import { disposeVariables } from '../autodiff/index.js';
import { Random, Scope } from '../engine/index.js';
import { isLearned } from '../stages/index.js';
import type { AuxiliaryLabels, Dataset } from '../stages/index.js';
import { readWeights } from '../trained/index.js';
import { fixedLabelling } from './fixed-labels.js';
import type { Labelling } from './labelling.js';
import { testLabelling } from './learned-labels.js';

/**
 * The images with the highest assignment to each auxiliary class, for a strategy that has just trained: test images of learned
 * labels, by the weights in the run's folder, training images of fixed ones.
 * @returns `undefined` where there are no labels, no preferences or no images
 * @throws DataError where the folder lacks the weights
 */
export async function labelGallery(
  dataset: Dataset,
  labels: AuxiliaryLabels,
  folder: string,
): Promise<Required<Pick<Labelling, 'blocks' | 'gallery'>> | undefined> {
  if (!labels.head) return undefined;
  const { blocks, gallery } = (await sorted(dataset, labels, folder)) ?? {};
  return blocks && gallery && { blocks, gallery };
}

async function sorted(dataset: Dataset, labels: AuxiliaryLabels, folder: string): Promise<Labelling | undefined> {
  if (!isLearned(labels)) return fixedLabelling(dataset, labels);
  using scope = new Scope();
  const fresh = labels.init(new Random(0).for('gallery'));
  scope.defer(() => disposeVariables(fresh));
  return testLabelling(dataset, labels, await readWeights(folder, 'theta2', fresh, scope));
}
