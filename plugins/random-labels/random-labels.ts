import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { blockHead, blockStarts, Dataset, oneHotLabels, Psi, Random, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryLabels, Batch, Labels } from '../../core/stages/index.js';

export const RandomLabelsConfig = z.strictObject({ psi: Psi });

/** Fixed random auxiliary labels inside each primary class's block: the paper's "Random" baseline. */
@injectable()
export class RandomLabels implements AuxiliaryLabels {
  readonly head;
  private readonly labels: Int32Array;

  constructor(
    @inject(StageConfig) { psi }: z.output<typeof RandomLabelsConfig>,
    @inject(Dataset) dataset: Dataset,
    @inject(Random) random: Random,
  ) {
    this.head = blockHead(psi, dataset);
    const sizes = this.head.psi;
    const starts = blockStarts(sizes);
    const generator = random.for('labels/random');
    this.labels = dataset.train.labels[dataset.primary]!.map(
      (primary) => starts[primary]! + generator.integer(sizes[primary]!),
    );
  }

  /** One-hot labels `[batch, sum(psi)]` float32; owned by the caller. */
  for({ indices }: Batch): Labels {
    const classes = indices.map((index) => this.labels[index]!);
    return oneHotLabels(classes, this.head.outputs);
  }
}
