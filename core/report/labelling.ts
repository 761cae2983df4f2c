import { humanLevel } from '../datasets/index.js';
import type { AuxiliaryHead, Batch, Dataset } from '../stages/index.js';
import { batches, evaluationBatch } from '../training/index.js';
import type { Labeller } from '../trained/index.js';
import { pictures, type Picture } from './pictures.js';

/** Samples that labels are looked at on; spread evenly where there are more. */
export const sampleLimit = 2000;
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

/** The splits that labels are looked at on. */
export type LabelledSplit = 'test' | 'train';

/** Some samples of a split, sorted by a strategy's labels; all lists are parallel. */
export interface Sorting {
  readonly split: LabelledSplit;
  readonly primary: Int32Array;
  /** The finer level that people made. */
  readonly human?: { readonly level: string; readonly classes: readonly string[]; readonly labels: Int32Array };
  /** The auxiliary class with the highest assignment, one per sample. */
  readonly assigned: Int32Array;
}

/** A finished run's auxiliary labels: learned ones of test samples, by running statistics; fixed ones of training samples. */
export interface Labelling extends Sorting {
  readonly primaryClasses: readonly string[];
  readonly blocks: readonly Block[];
  /** Of learned labels: the same test samples by the label network before training. */
  readonly untrained?: Int32Array;
  /** Of learned labels: training samples too, which are all that fixed labels can be compared on. */
  readonly training?: Sorting;
  /** What the label network sees in each sample; absent where the strategy doesn't say. */
  readonly features?: readonly Float32Array[];
  /** Absent where the inputs are no images. */
  readonly gallery?: readonly GalleryRow[];
}

/**
 * What the labels of some samples come to.
 * @param order positions of the samples in the split
 * @param rows their labels, parallel to `order`, each a distribution over the head's outputs
 */
export function labelling(
  dataset: Dataset,
  { psi, outputs }: AuxiliaryHead,
  { split, order, rows }: { readonly split: LabelledSplit; readonly order: Int32Array; readonly rows: Rows },
): Labelling {
  const sorted = sorting(dataset, split, order, rows);
  const { human, primary } = sorted;
  const primaryClasses = dataset.levels[dataset.primary]!.classes;
  const chosen = Array.from({ length: outputs }, (_, k) => strongest(rows, k));
  const images = pictures(
    dataset,
    split,
    chosen.flat().map((i) => order[i]!),
  );
  let next = 0;
  const gallery =
    images &&
    chosen.map((samples, auxiliaryClass) => ({
      auxiliaryClass,
      images: samples.map((i) => ({
        ...images[next++]!,
        assignment: rows[i]![auxiliaryClass]!,
        caption: human ? human.classes[human.labels[i]!]! : primaryClasses[primary[i]!]!,
      })),
    }));
  return { ...sorted, primaryClasses, blocks: blocksOf(psi, outputs, primaryClasses), ...(gallery && { gallery }) };
}

type Rows = readonly Float32Array[];

/** The samples at `order` of a split, sorted by the highest assignment of each. */
export function sorting(dataset: Dataset, split: LabelledSplit, order: Int32Array, rows: Rows): Sorting {
  const { labels } = dataset[split];
  const level = humanLevel(dataset);
  const of = (name: string): Int32Array => order.map((index) => labels[name]![index]!);
  return {
    split,
    primary: of(dataset.primary),
    ...(level && { human: { level: level.name, classes: level.classes, labels: of(level.name) } }),
    assigned: argmax(rows),
  };
}

/** Samples with the highest assignments to class `k`, the earliest of equals. */
const strongest = (rows: Rows, k: number): readonly number[] =>
  [...rows.keys()]
    .filter((i) => rows[i]![k]! > 0)
    .sort((a, b) => rows[b]![k]! - rows[a]![k]! || a - b)
    .slice(0, galleryRow);

function blocksOf(psi: readonly number[] | undefined, outputs: number, classes: readonly string[]): readonly Block[] {
  if (!psi) return [{ name: 'all classes', start: 0, size: outputs }];
  let start = 0;
  return psi.map((size, i) => ({ name: classes[i]!, start: (start += size) - size, size }));
}

/** A batch's values, row by row. */
export const rowsOf = (values: Float32Array, count: number): Float32Array[] => {
  const width = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * width, (i + 1) * width));
};

export const argmax = (rows: Rows): Int32Array => Int32Array.from(rows, (row) => row.indexOf(Math.max(...row)));

/** Up to `limit` of `size` positions, evenly spread. */
export const spread = (size: number, limit: number): Int32Array =>
  Int32Array.from({ length: Math.min(size, limit) }, (_, i) => Math.floor((i * size) / Math.min(size, limit)));

/**
 * The labels of the samples at `order`, in batches of even sizes, for batch statistics are meant to be alike.
 * @returns `undefined` where they are of other inputs than the samples
 */
export function labelSamples(
  dataset: Dataset,
  label: Labeller,
  split: LabelledSplit,
  order: Int32Array,
): Rows | undefined {
  const rows: Float32Array[] = [];
  for (using drawn of evenBatches(dataset, split, order)) {
    const made = label(drawn);
    if (!made) return undefined;
    rows.push(...rowsOf(made.targets, drawn.size));
  }
  return rows;
}

/** The samples at `order` in batches of even sizes; each is owned by whoever draws it. */
export function evenBatches(dataset: Dataset, split: LabelledSplit, order: Int32Array): Iterable<Batch> {
  const count = Math.ceil(order.length / evaluationBatch(dataset));
  return batches(dataset, dataset[split], { batch: Math.ceil(order.length / count), order });
}
