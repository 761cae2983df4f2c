import { inject, injectable } from 'inversify';
import { z } from 'zod';
import type { Params } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { CombinedUpdate, Combiner, Task, TaskParams } from '../../core/stages/index.js';
import { keptNumbers } from './kept-numbers.js';
import { weigh } from './weigh.js';

export const UncertaintyConfig = z.strictObject({
  learningRate: z.number().gt(0).default(0.025).describe('rate of the log variances'),
  initial: z.number().default(0).describe('log variance of both tasks at the start; their weights are exp(-initial)'),
});

/**
 * Each loss is weighted by the exponential of a learned -s, where s is the log variance of its task: exp(-s) L + s / 2 is
 * minimised in s too, by plain gradient descent after each update (Kendall, Gal and Cipolla 2018, "Multi-Task Learning Using
 * Uncertainty to Weigh Losses", equation 10). A loss that stands still ends at weight 1 / (2 L). A squared error would be
 * halved there, which only shifts its s by log 2.
 */
@injectable()
export class Uncertainty implements Combiner {
  readonly learnsFrom = 'losses';
  private logVariances: Readonly<Record<Task, number>>;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof UncertaintyConfig>) {
    this.logVariances = { primary: config.initial, auxiliary: config.initial };
  }

  get weights(): Readonly<Record<Task, number>> {
    const { primary, auxiliary } = this.logVariances;
    return { primary: Math.exp(-primary), auxiliary: Math.exp(-auxiliary) };
  }

  combine({ primary, auxiliary }: TaskParams): Params {
    const { weights } = this;
    return weigh([weights.primary, primary], [weights.auxiliary, auxiliary]);
  }

  learn({ losses }: CombinedUpdate): void {
    const moved = (task: Task): number => {
      const s = this.logVariances[task];
      return s - this.config.learningRate * (0.5 - Math.exp(-s) * losses[task]);
    };
    this.logVariances = { primary: moved('primary'), auxiliary: moved('auxiliary') };
  }

  snapshot() {
    return { tensors: {}, values: { logVariances: this.logVariances } };
  }

  /** @throws DataError where the snapshot isn't one of this combiner */
  restore({ values }: { readonly values: unknown }): void {
    const pair = z.object({ primary: z.number(), auxiliary: z.number() });
    ({ logVariances: this.logVariances } = keptNumbers('uncertainty', z.object({ logVariances: pair }), values));
  }
}
