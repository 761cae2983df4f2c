import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { normParams, trunkOf } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { CombinedUpdate, Combiner, Task, TaskParams } from '../../core/stages/index.js';
import { keptNumbers } from './kept-numbers.js';
import { weigh } from './weigh.js';

export const GradNormConfig = z.strictObject({
  alpha: z
    .number()
    .min(0)
    .default(1.5)
    .describe('how strongly the task that lags behind is pulled up; 0 evens the norms'),
  learningRate: z.number().gt(0).default(0.025).describe('rate of the weights of the losses'),
});

type PerTask = Readonly<Record<Task, number>>;

/** A weight falls no lower, out of 2 for both. */
const least = 0.01;

/**
 * Learns the weights of the losses so that their gradients over the whole trunk have norms in proportion to how far each
 * task lags behind (Chen et al. 2018, "GradNorm: Gradient Normalization for Adaptive Loss Balancing", algorithm 1): one step of
 * gradient descent after each update on sum_i |w_i n_i - mean(w n) r_i^alpha|, the second term held fixed, where n_i is the norm of
 * the unweighted gradient and r_i the task's loss over its first one, relative to the mean. The weights then sum to 2 again.
 */
@injectable()
export class GradNorm implements Combiner {
  readonly learnsFrom = 'gradients';
  weights: PerTask = { primary: 1, auxiliary: 1 };
  private firstLosses: PerTask | undefined;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof GradNormConfig>) {}

  combine({ primary, auxiliary }: TaskParams): Params {
    return weigh([this.weights.primary, primary], [this.weights.auxiliary, auxiliary]);
  }

  learn({ losses, gradients }: CombinedUpdate): void {
    const first = (this.firstLosses ??= { ...losses });
    const { alpha, learningRate } = this.config;
    const norms = perTask((task) => normParams(trunkOf(gradients![task])));
    const weighted = perTask((task) => this.weights[task] * norms[task]);
    const left = perTask((task) => (first[task] > 0 ? losses[task] / first[task] : 1));
    const lag = perTask((task) => left[task] / (mean(left) || 1));

    const moved = perTask((task) => {
      const slope = Math.sign(weighted[task] - mean(weighted) * lag[task] ** alpha) * norms[task];
      return Math.max(this.weights[task] - learningRate * slope, least);
    });
    this.weights = perTask((task) => moved[task] / mean(moved));
  }

  snapshot() {
    return { tensors: {}, values: { weights: this.weights, firstLosses: this.firstLosses } };
  }

  /** @throws DataError where the snapshot isn't one of this combiner */
  restore({ values }: { readonly values: unknown }): void {
    const pair = z.object({ primary: z.number(), auxiliary: z.number() });
    const schema = z.object({ weights: pair, firstLosses: pair.optional() });
    ({ weights: this.weights, firstLosses: this.firstLosses } = keptNumbers('gradnorm', schema, values));
  }
}

const perTask = (value: (task: Task) => number): PerTask => ({
  primary: value('primary'),
  auxiliary: value('auxiliary'),
});

const mean = ({ primary, auxiliary }: PerTask): number => (primary + auxiliary) / 2;
