import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { evaluating, training } from '../autodiff/index.js';
import type { Mode, Params, Variables } from '../autodiff/index.js';
import { readSafetensors } from '../checkpoint/index.js';
import { Scope } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { Composition } from '../pipeline/index.js';
import type { Dataset, LearnedLabels } from '../stages/index.js';
import { batches } from '../training/index.js';
import { argmax, evenBatch, labelling, rowsOf, sampleLimit, sorting, spread } from './labelling.js';
import type { LabelledSplit, Labelling } from './labelling.js';

export const theta2File = (folder: string): string => join(folder, 'weights', 'theta2.safetensors');

/**
 * Labels test and training samples with a run's trained label network.
 * @throws DataError where its weights aren't there any more, or are another network's
 */
export async function learnedLabelling(
  { dataset, state }: Composition,
  labels: LearnedLabels,
  folder: string,
): Promise<Labelling> {
  using scope = new Scope();
  const fresh = state.theta2!.variables;
  const trained = await readTheta2(theta2File(folder), fresh, scope);
  const label = (split: LabelledSplit, order: Int32Array, theta2: Variables, mode: Mode): Labelled =>
    labelSamples(dataset, labels, split, order, theta2, mode);
  const order = spread(dataset.test.size, sampleLimit);
  const trainOrder = spread(dataset.train.size, sampleLimit);
  const { rows, features } = label('test', order, trained, evaluating);
  return {
    ...labelling(dataset, labels.head!, { split: 'test', order, rows }),
    untrained: argmax(label('test', order, fresh, training()).rows),
    training: sorting(dataset, 'train', trainOrder, label('train', trainOrder, trained, evaluating).rows),
    ...(features && { features }),
  };
}

interface Labelled {
  /** Soft labels, a row per sample. */
  readonly rows: readonly Float32Array[];
  readonly features?: readonly Float32Array[];
}

/** The labels of samples at theta2, and what the label network sees in them. */
export function labelSamples(
  dataset: Dataset,
  labels: LearnedLabels,
  split: LabelledSplit,
  order: Int32Array,
  theta2: Variables,
  mode: Mode,
): Labelled {
  const rows: Float32Array[] = [];
  const features: Float32Array[] = [];
  for (using drawn of batches(dataset, dataset[split], { batch: evenBatch(order.length), order })) {
    using point = labels.linearize(theta2, drawn, mode);
    rows.push(...rowsOf(point.targets.dataSync<'float32'>(), drawn.size));
    using seen = labels.features?.(theta2, drawn, mode);
    if (seen) features.push(...rowsOf(seen.dataSync<'float32'>(), drawn.size));
  }
  return { rows, ...(features.length > 0 && { features }) };
}

/** Takes a file's tensors as theta2, of the shapes of a fresh one; owned by `scope`. */
export async function readTheta2(file: string, { params, state }: Variables, scope: Scope): Promise<Variables> {
  if (!existsSync(file)) throw new DataError('report/no-weights', `there is no ${file} any more`);
  const { tensors } = await readSafetensors(file);
  Object.values(tensors).forEach((tensor) => scope.own(tensor));
  const take = (wanted: Params): Params =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, { shape }]) => {
        const tensor = tensors[name];
        if (tensor?.shape.join() === shape.join()) return [name, tensor];
        const found = tensor ? `has shape [${tensor.shape.join(', ')}]` : 'is missing';
        throw new DataError(
          'report/other-weights',
          `${file}: tensor "${name}" ${found}, expected [${shape.join(', ')}]`,
          { hint: "The weights don't belong to the pipeline in config.yaml." },
        );
      }),
    );
  return { params: take(params), state: take(state) };
}
