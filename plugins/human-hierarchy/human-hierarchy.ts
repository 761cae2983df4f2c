import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { DataError } from '../../core/errors/index.js';
import { blockStarts, Dataset, oneHotLabels, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryHead, AuxiliaryLabels, Batch, Labels, Level } from '../../core/stages/index.js';
import { blocksOf } from './blocks.js';
import { chooseLevel } from './choose-level.js';

export const HumanHierarchyConfig = z.strictObject({
  level: z.string().describe("label level of the auxiliary task; the dataset's fine level by default").optional(),
});

/** Auxiliary labels that people made: another level of the dataset's own labels. */
@injectable()
export class HumanHierarchy implements AuxiliaryLabels {
  readonly head: AuxiliaryHead;
  private readonly labels: Int32Array;

  constructor(
    @inject(StageConfig) { level: wanted }: z.output<typeof HumanHierarchyConfig>,
    @inject(Dataset) dataset: Dataset,
  ) {
    const level = chooseLevel(dataset, wanted);
    const blocks = blocksOf(dataset, level);
    if (blocks) {
      const psi = blocks.map(({ length }) => length);
      this.head = { task: 'classification', outputs: psi.reduce((sum, size) => sum + size, 0), psi };
      this.labels = inBlocks(dataset, level, blocks);
    } else {
      this.head = { task: 'classification', outputs: level.classes.length };
      this.labels = dataset.train.labels[level.name]!;
    }
  }

  /** One-hot labels `[batch, outputs]` float32; owned by the caller. */
  for({ indices }: Batch): Labels {
    const classes = indices.map((index) => this.labels[index]!);
    return oneHotLabels(classes, this.head.outputs);
  }
}

/** The classes that `level` gives the training samples, numbered block by block. */
function inBlocks(
  { name, primary, levels, train: { labels } }: Dataset,
  level: Level,
  blocks: readonly (readonly number[])[],
): Int32Array {
  const starts = blockStarts(blocks.map(({ length }) => length));
  const places = blocks.map((block, i) => new Map(block.map((label, place) => [label, starts[i]! + place])));
  return labels[primary]!.map((primaryClass, n) => {
    const label = labels[level.name]![n]!;
    const place = places[primaryClass]!.get(label);
    if (place !== undefined) return place;
    throw new DataError(
      'data/level-mismatch',
      `training sample ${n} of ${name} is "${levels[primary]!.classes[primaryClass]!}" at level ${primary}, ` +
        `but its class "${level.classes[label]!}" at level ${level.name} belongs to another`,
    );
  });
}
