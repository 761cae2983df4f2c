import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { batchNorm, chain, dense, dropout, flatten, relu } from '../../core/autodiff/index.js';
import type { Layer, Shape } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Model } from '../../core/stages/index.js';
import { linearHead } from './block.js';
import { pretrained, weightsKey } from './pretrained.js';

export const MlpConfig = z.strictObject({
  hidden: z.array(z.int().min(1)).min(1).default([128, 128]).describe('units of the shared hidden layers'),
  batchNorm: z.boolean().default(false).describe('batch norm after every hidden layer'),
  weights: weightsKey,
  dropout: z.number().min(0).lt(1).default(0).describe('share of hidden units that a training step leaves out'),
});

/** A multilayer perceptron on flat inputs (images are flattened), with one dense layer per head. */
@injectable()
export class Mlp implements Model {
  constructor(@inject(StageConfig) private readonly config: z.output<typeof MlpConfig>) {}

  trunk(): Layer {
    const { hidden, dropout: rate, weights } = this.config;
    const layers = hidden.flatMap((units, i) => [
      dense(`trunk/dense${i + 1}`, { units }),
      ...(this.config.batchNorm ? [batchNorm(`trunk/norm${i + 1}`)] : []),
      relu(),
      ...(rate > 0 ? [dropout(`trunk/dropout${i + 1}`, { rate })] : []),
    ]);
    return pretrained(weights, 'trunk', chain(flatten(), ...layers));
  }

  head(name: string, _features: Shape, outputs: number): Layer {
    return pretrained(this.config.weights, name, linearHead(name, outputs));
  }
}
