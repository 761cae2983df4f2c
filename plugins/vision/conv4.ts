import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { chain, flatten } from '../../core/autodiff/index.js';
import type { Layer, Shape } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Model } from '../../core/stages/index.js';
import { convBlock, denseHead } from './block.js';
import { expectImages } from './images.js';
import { pretrained, weightsKey } from './pretrained.js';
import { recomputed, recomputeKey } from './recomputed.js';

export const Conv4Config = z.strictObject({
  channels: z.int().min(1).default(16).describe('width of every convolution'),
  hidden: z.int().min(1).default(128).describe('units of the hidden layer in each head'),
  recompute: recomputeKey,
  weights: weightsKey,
});

/** A small CNN for small images: four conv-norm-ReLU blocks with 2x2 max pooling after the first and third. */
@injectable()
export class Conv4 implements Model {
  constructor(@inject(StageConfig) private readonly config: z.output<typeof Conv4Config>) {}

  trunk(input: Shape): Layer {
    expectImages('conv4', input, 4);
    const { channels, recompute, weights } = this.config;
    const block = (i: number, pool: boolean): Layer =>
      recomputed(recompute, convBlock(`trunk/block${i}`, channels, { pool }));
    const layers = chain(block(1, true), block(2, false), block(3, true), block(4, false), flatten());
    return pretrained(weights, 'trunk', layers);
  }

  head(name: string, _features: Shape, outputs: number): Layer {
    const { hidden, weights } = this.config;
    return pretrained(weights, name, denseHead(name, hidden, outputs));
  }
}
