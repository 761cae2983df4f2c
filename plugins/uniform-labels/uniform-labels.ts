import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { tf } from '../../core/engine/index.js';
import { blockHead, blockStarts, Dataset, Psi, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryLabels, Batch, Labels } from '../../core/stages/index.js';

export const UniformLabelsConfig = z.strictObject({ psi: Psi });

/** Every class of the own block equally, for every sample: labels that say the primary class and nothing else. */
@injectable()
export class UniformLabels implements AuxiliaryLabels {
  readonly head;

  constructor(@inject(StageConfig) { psi }: z.output<typeof UniformLabelsConfig>, @inject(Dataset) dataset: Dataset) {
    this.head = blockHead(psi, dataset);
  }

  /** Labels `[batch, sum(psi)]` float32, 1 / psi inside the sample's block; owned by the caller. */
  for({ size, primaryClasses }: Batch): Labels {
    const { outputs, psi } = this.head;
    const starts = blockStarts(psi);
    const values = new Float32Array(size * outputs);
    for (const [n, primary] of primaryClasses.entries()) {
      const start = n * outputs + starts[primary]!;
      values.fill(1 / psi[primary]!, start, start + psi[primary]!);
    }
    const targets = tf.tensor2d(values, [size, outputs]);
    return { targets, [Symbol.dispose]: () => targets.dispose() };
  }
}
