import { injectable } from 'inversify';
import { z } from 'zod';
import { dotParams, trunkOf } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { Combiner, TaskParams } from '../../core/stages/index.js';
import { weighTrunk } from './weigh.js';

export const PcGradConfig = z.strictObject({});

/**
 * Gradients that conflict on the trunk, <p, a> < 0, are each projected on the plane normal to the other before they are
 * added (Yu et al. 2020, "Gradient Surgery for Multi-Task Learning", algorithm 1; with two tasks their order plays no
 * part). Each head has its own gradient in full. Holds no state.
 */
@injectable()
export class PcGrad implements Combiner {
  combine(gradients: TaskParams): Params {
    const { primary, auxiliary } = gradients;
    const { dot, primarySquare, auxiliarySquare } = conflict(gradients);
    return weighTrunk([1 - dot / primarySquare, primary], [1 - dot / auxiliarySquare, auxiliary]);
  }

  /** The transpose of the derivative of (1 - <p,a>/|p|^2) p + (1 - <p,a>/|a|^2) a in a. */
  adjoint(gradients: TaskParams, direction: Params): Params {
    const { p, a, dot, primarySquare, auxiliarySquare } = conflict(gradients);
    if (dot === 0) return weighTrunk([1, direction]);
    const alongP = dotParams(p, direction) / primarySquare;
    const alongA = dotParams(a, direction) / auxiliarySquare;
    return weighTrunk(
      [1 - dot / auxiliarySquare, direction],
      [-alongP - alongA, p],
      [(2 * dot * alongA) / auxiliarySquare, a],
    );
  }
}

/** The trunk's gradients with their inner product, 0 unless they conflict, and their squared norms, above 0. */
function conflict({ primary, auxiliary }: TaskParams) {
  const [p, a] = [trunkOf(primary), trunkOf(auxiliary)];
  const dot = Math.min(0, dotParams(p, a));
  if (dot === 0) return { p, a, dot: 0, primarySquare: 1, auxiliarySquare: 1 };
  return { p, a, dot, primarySquare: dotParams(p, p), auxiliarySquare: dotParams(a, a) };
}
