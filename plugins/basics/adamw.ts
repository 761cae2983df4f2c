import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { StageConfig } from '../../core/stages/index.js';
import { Adam, AdamConfig } from './adam.js';

export const AdamWConfig = AdamConfig.extend({
  weightDecay: z.number().min(0).default(0.01).describe('shrinks the weights by learningRate * weightDecay each step'),
});

/**
 * Adam with decoupled weight decay: theta <- (1 - rate weightDecay) theta before Adam's step, whose moments don't see the
 * decay (Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2).
 */
@injectable()
export class AdamW extends Adam {
  protected override readonly decoupled = true;

  constructor(@inject(StageConfig) config: z.output<typeof AdamWConfig>) {
    super(config);
  }
}
