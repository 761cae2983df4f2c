import { join } from 'node:path';
import { evaluating, training } from '../autodiff/index.js';
import type { Mode, Params, Variables } from '../autodiff/index.js';
import { readSafetensors } from '../checkpoint/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { humanLevel } from '../datasets/index.js';
import { Scope } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import { compose } from '../pipeline/index.js';
import { isLearned } from '../stages/index.js';
import type { Dataset, LearnedLabels } from '../stages/index.js';
import { batches } from '../training/index.js';
import { pictures, type Picture } from './pictures.js';

/** Test samples that labels are looked at on; spread evenly where there are more. */
const sampleLimit = 2000;
/** Images shown of each auxiliary class. */
const galleryRow = 8;

/** The auxiliary classes of one primary class, or all of them where labels have no blocks. */
export interface Block {
  readonly name: string;
  readonly start: number;
  readonly size: number;
}

/** Images with the highest assignment to one auxiliary class, highest first. */
export interface GalleryRow {
  readonly auxiliaryClass: number;
  readonly images: readonly (Picture & { readonly assignment: number; readonly caption: string })[];
}

/** A finished run's learned labels of test samples, by running statistics. */
export interface LearnedLabelling {
  readonly primary: Int32Array;
  readonly primaryClasses: readonly string[];
  /** The finer level that people made. */
  readonly human?: { readonly level: string; readonly classes: readonly string[]; readonly labels: Int32Array };
  readonly blocks: readonly Block[];
  /** The auxiliary class with the highest assignment, one per sample. */
  readonly assigned: Int32Array;
  /** The same by the label network before training. */
  readonly untrained: Int32Array;
  /** What the label network sees in each sample; absent where the strategy doesn't say. */
  readonly features?: readonly Float32Array[];
  /** Absent where the inputs are no images. */
  readonly gallery?: readonly GalleryRow[];
}

/**
 * Labels test samples with a run's trained label network, composed anew from the run's own pipeline.
 * @returns `undefined` where the strategy learns no classes
 * @throws DataError, ConfigError or PluginError where the dataset, the weights or a plugin isn't there any more
 */
export async function learnedLabelling(
  pipeline: ResolvedPipeline,
  folder: string,
): Promise<LearnedLabelling | undefined> {
  using composition = await compose(pipeline);
  const { dataset, labels, state } = composition;
  if (!isLearned(labels) || labels.head?.task !== 'classification' || !state.theta2) return undefined;
  using scope = new Scope();
  const fresh = state.theta2.variables;
  const trained = await readTheta2(join(folder, 'weights', 'theta2.safetensors'), fresh, scope);

  const { test, levels, primary: level } = dataset;
  const order = spread(test.size, sampleLimit);
  const { outputs } = labels.head;
  const { rows, features } = label({ labels, dataset, order, theta2: trained, mode: evaluating });
  const assigned = argmax(rows);
  const primary = order.map((index) => test.labels[level]![index]!);
  const primaryClasses = levels[level]!.classes;
  const human = humanLevel(dataset);
  const humanLabels = human && order.map((index) => test.labels[human.name]![index]!);
  const captions = (i: number): string => (human ? human.classes[humanLabels![i]!]! : primaryClasses[primary[i]!]!);
  const gallery = galleryOf({ rows, assigned, outputs, captions }, (i) => order[i]!, dataset);
  return {
    primary,
    primaryClasses,
    ...(human && { human: { level: human.name, classes: human.classes, labels: humanLabels! } }),
    blocks: blocksOf(labels.head.psi, outputs, primaryClasses),
    assigned,
    untrained: argmax(label({ labels, dataset, order, theta2: fresh, mode: training() }).rows),
    ...(features && { features }),
    ...(gallery && { gallery }),
  };
}

/** Takes a file's tensors as theta2, owned by `scope`. */
async function readTheta2(file: string, { params, state }: Variables, scope: Scope): Promise<Variables> {
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
          {
            hint: "The weights don't belong to the pipeline in config.yaml.",
          },
        );
      }),
    );
  return { params: take(params), state: take(state) };
}

interface Labelled {
  /** Soft labels, a row per sample. */
  readonly rows: readonly Float32Array[];
  readonly features?: readonly Float32Array[];
}

function label(work: {
  readonly labels: LearnedLabels;
  readonly dataset: Dataset;
  readonly order: Int32Array;
  readonly theta2: Variables;
  readonly mode: Mode;
}): Labelled {
  const { labels, dataset, order, theta2, mode } = work;
  const rows: Float32Array[] = [];
  const features: Float32Array[] = [];
  const batch = Math.ceil(order.length / Math.ceil(order.length / 250));
  for (using drawn of batches(dataset, dataset.test, { batch, order })) {
    using point = labels.linearize(theta2, drawn, mode);
    rows.push(...rowsOf(point.targets.dataSync<'float32'>(), drawn.size));
    using seen = labels.features?.(theta2, drawn, mode);
    if (seen) features.push(...rowsOf(seen.dataSync<'float32'>(), drawn.size));
  }
  return { rows, ...(features.length > 0 && { features }) };
}

function blocksOf(psi: readonly number[] | undefined, outputs: number, classes: readonly string[]): readonly Block[] {
  if (!psi) return [{ name: 'all classes', start: 0, size: outputs }];
  let start = 0;
  return psi.map((size, i) => ({ name: classes[i]!, start: (start += size) - size, size }));
}

function galleryOf(
  labelled: {
    readonly rows: readonly Float32Array[];
    readonly assigned: Int32Array;
    readonly outputs: number;
    readonly captions: (sample: number) => string;
  },
  indexOf: (sample: number) => number,
  dataset: Dataset,
): readonly GalleryRow[] | undefined {
  const { rows, outputs, captions } = labelled;
  const chosen = Array.from({ length: outputs }, (_, k) =>
    [...rows.keys()]
      .filter((i) => rows[i]![k]! > 0)
      .sort((a, b) => rows[b]![k]! - rows[a]![k]! || a - b)
      .slice(0, galleryRow),
  );
  const images = pictures(dataset, chosen.flat().map(indexOf));
  if (!images) return undefined;
  let next = 0;
  return chosen.map((samples, auxiliaryClass) => ({
    auxiliaryClass,
    images: samples.map((i) => ({
      ...images[next++]!,
      assignment: rows[i]![auxiliaryClass]!,
      caption: captions(i),
    })),
  }));
}

const rowsOf = (values: Float32Array, count: number): Float32Array[] => {
  const width = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
};

const argmax = (rows: readonly Float32Array[]): Int32Array =>
  Int32Array.from(rows, (row) => row.indexOf(Math.max(...row)));

/** Up to `limit` of `size` positions, evenly spread. */
export const spread = (size: number, limit: number): Int32Array =>
  Int32Array.from({ length: Math.min(size, limit) }, (_, i) => Math.floor((i * size) / Math.min(size, limit)));
