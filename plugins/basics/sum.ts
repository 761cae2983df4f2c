import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { addParams, disposable, scaleParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Combiner, Task } from '../../core/stages/index.js';

export const SumConfig = z.strictObject({
  auxiliaryWeight: z.number().min(0).default(1).describe('weight of the auxiliary loss beside the primary one'),
});

/** One update from the weighted sum of the tasks' gradients; the paper's own, with weight 1. */
@injectable()
export class Sum implements Combiner {
  readonly weights: Readonly<Record<Task, number>>;

  constructor(@inject(StageConfig) { auxiliaryWeight }: z.output<typeof SumConfig>) {
    this.weights = { primary: 1, auxiliary: auxiliaryWeight };
  }

  combine({ primary, auxiliary }: Readonly<Record<Task, Params>>): Params {
    if (this.weights.auxiliary === 1) return addParams(primary, auxiliary);
    using weighted = disposable(scaleParams(auxiliary, this.weights.auxiliary));
    return addParams(primary, weighted.params);
  }
}
