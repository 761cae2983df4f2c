import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dotParams, normParams, trunkOf } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Combiner, TaskParams } from '../../core/stages/index.js';
import { gradientCosine } from '../../core/training/index.js';
import { weighTrunk } from './weigh.js';

export const CosineGateConfig = z.strictObject({
  gate: z
    .enum(['weighted', 'unweighted'])
    .default('weighted')
    .describe('what a trunk gradient that agrees is multiplied by: weighted: the cosine; unweighted: 1'),
});

/**
 * The auxiliary gradient moves the trunk as far as it agrees with the primary one: p + max(0, cos) a, or p + a where
 * cos > 0 (Du et al. 2018, "Adapting Auxiliary Losses Using Gradient Similarity", section 3). Each head has its own
 * gradient in full. Holds no state.
 */
@injectable()
export class CosineGate implements Combiner {
  private readonly weighted: boolean;

  constructor(@inject(StageConfig) { gate }: z.output<typeof CosineGateConfig>) {
    this.weighted = gate === 'weighted';
  }

  combine({ primary, auxiliary }: TaskParams): Params {
    return weighTrunk([1, primary], [this.open(gradientCosine(primary, auxiliary)), auxiliary]);
  }

  /** Where the gate is open by the cosine, it moves with a: its gradient in a is p / |p||a| - cos a / |a|^2. */
  adjoint({ primary, auxiliary }: TaskParams, direction: Params): Params {
    const cosine = gradientCosine(primary, auxiliary);
    const gate = this.open(cosine);
    if (gate === 0 || !this.weighted) return weighTrunk([gate, direction]);
    const [p, a] = [trunkOf(primary), trunkOf(auxiliary)];
    const length = normParams(a);
    const slope = dotParams(a, direction) / length;
    return weighTrunk([gate, direction], [slope / normParams(p), p], [(-slope * cosine) / length, a]);
  }

  private open(cosine: number): number {
    if (cosine <= 0) return 0;
    return this.weighted ? cosine : 1;
  }
}
