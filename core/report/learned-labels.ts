import { evaluating, training } from '../autodiff/index.js';
import type { Variables } from '../autodiff/index.js';
import type { Dataset, LearnedLabels } from '../stages/index.js';
import { labeller } from '../trained/index.js';
import { argmax, evenBatches, labelling, labelSamples, rowsOf, sampleLimit, sorting, spread } from './labelling.js';
import type { Labelling } from './labelling.js';

/**
 * Labels test and training samples with a label network.
 * @param trained theta2 after training, borrowed
 * @param fresh theta2 before, borrowed
 */
export function learnedLabelling(
  dataset: Dataset,
  labels: LearnedLabels,
  trained: Variables,
  fresh: Variables,
): Labelling {
  const trainOrder = spread(dataset.train.size, sampleLimit);
  const order = spread(dataset.test.size, sampleLimit);
  const untrained = labelSamples(dataset, labeller(labels, fresh, training()), 'test', order)!;
  const onTraining = labelSamples(dataset, labeller(labels, trained), 'train', trainOrder)!;
  const features = featuresOf(dataset, labels, trained, order);
  return {
    ...testLabelling(dataset, labels, trained),
    untrained: argmax(untrained),
    training: sorting(dataset, 'train', trainOrder, onTraining),
    ...(features && { features }),
  };
}

/** Labels test samples alone; theta2 is borrowed. */
export function testLabelling(dataset: Dataset, labels: LearnedLabels, theta2: Variables): Labelling {
  const order = spread(dataset.test.size, sampleLimit);
  const rows = labelSamples(dataset, labeller(labels, theta2), 'test', order)!;
  return labelling(dataset, labels.head!, { split: 'test', order, rows });
}

/** What the label network sees in test samples. */
function featuresOf(
  dataset: Dataset,
  labels: LearnedLabels,
  theta2: Variables,
  order: Int32Array,
): Float32Array[] | undefined {
  if (!labels.features) return undefined;
  const features: Float32Array[] = [];
  for (using drawn of evenBatches(dataset, 'test', order)) {
    using seen = labels.features(theta2, drawn, evaluating);
    features.push(...rowsOf(seen.dataSync<'float32'>(), drawn.size));
  }
  return features;
}
