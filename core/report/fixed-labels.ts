import type { AuxiliaryLabels, Dataset } from '../stages/index.js';
import { labeller } from '../trained/index.js';
import { labelling, labelSamples, sampleLimit, spread } from './labelling.js';
import type { Labelling } from './labelling.js';

/**
 * The labels that a strategy that doesn't learn gives its training samples now.
 * @returns `undefined` where labels prefer no class of a sample, or are of other inputs than the samples
 */
export function fixedLabelling(dataset: Dataset, labels: AuxiliaryLabels): Labelling | undefined {
  const order = spread(dataset.train.size, sampleLimit);
  const rows = labelSamples(dataset, labeller(labels), 'train', order);
  if (!rows?.every(prefersOne)) return undefined;
  return labelling(dataset, labels.head!, { split: 'train', order, rows });
}

const prefersOne = (row: Float32Array): boolean => {
  const highest = Math.max(...row);
  return row.indexOf(highest) === row.lastIndexOf(highest);
};
