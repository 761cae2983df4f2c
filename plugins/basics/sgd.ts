import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { StageConfig } from '../../core/stages/index.js';
import { combine } from './combine.js';
import { Elementwise } from './elementwise.js';
import { optimizerKeys } from './optimizer-keys.js';
import type { Rule } from './rule.js';

export const SgdConfig = z
  .strictObject({
    ...optimizerKeys,
    momentum: z.number().min(0).lt(1).default(0).describe('share of the buffer of gradients that a step keeps'),
    dampening: z
      .number()
      .min(0)
      .lte(1)
      .default(0)
      .describe("what the momentum buffer's gradients lack, after the first"),
    nesterov: z.boolean().default(false).describe('needs momentum, and no dampening'),
    weightDecay: z.number().min(0).default(0).describe('L2 penalty added to the gradient'),
  })
  .refine(({ nesterov, momentum }) => !nesterov || momentum > 0, {
    path: ['nesterov'],
    message: 'nesterov needs a momentum above 0',
  })
  .refine(({ dampening, momentum }) => dampening === 0 || momentum > 0, {
    path: ['dampening'],
    message: 'dampening needs a momentum above 0',
  })
  .refine(({ nesterov, dampening }) => !nesterov || dampening === 0, {
    path: ['dampening'],
    message: 'nesterov needs a dampening of 0',
  });

/**
 * Stochastic gradient descent with momentum, dampening and L2 weight decay, as PyTorch defines it:
 * b <- momentum b + (1 - dampening) g (b = g at first), theta <- theta - rate b, or with Nesterov theta - rate (g + momentum b).
 */
@injectable()
export class Sgd extends Elementwise<z.output<typeof SgdConfig>> {
  protected readonly prefixes: Readonly<Record<string, string>>;

  constructor(@inject(StageConfig) config: z.output<typeof SgdConfig>) {
    super(config);
    this.prefixes = config.momentum === 0 ? {} : { b: '' };
  }

  protected rule(rate: number, count: number): Rule {
    const { momentum, dampening, nesterov } = this.config;
    if (momentum === 0) {
      return {
        slope: -rate,
        update: (g) => ({ change: combine([-rate, g])!, slots: {} }),
        transpose: (change) => ({ gradient: combine([-rate, change]), slots: {} }),
      };
    }
    const fresh = count === 0 ? 1 : 1 - dampening;
    const [ofGradient, ofBuffer] = nesterov ? [-rate, -rate * momentum] : [0, -rate];
    return {
      slope: ofGradient + ofBuffer * fresh,
      update(g, { b: old }) {
        const b = combine([momentum, old], [fresh, g])!;
        return { change: combine([ofGradient, g], [ofBuffer, b])!, slots: { b } };
      },
      transpose: (change, { b }) => ({
        gradient: combine([ofGradient + ofBuffer * fresh, change], [fresh, b]),
        slots: { b: combine([ofBuffer * momentum, change], [momentum, b]) },
      }),
    };
  }
}
