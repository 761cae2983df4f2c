import { disposeParams, scaleParams } from '../autodiff/index.js';
import type { NetworkLinearisation, Params } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import type { CombinedUpdate, Combiner, LookAhead, TaskParams } from '../stages/index.js';
import { gradientCosine } from './gradient-cosine.js';
import { heads } from './objective.js';
import type { ObjectivePoint } from './objective.js';

/**
 * One update's gradient, and how it follows the auxiliary one: `adjoint` is (d gradients / d auxiliary gradient)^T v, a
 * mere multiple of v where there is a `factor`. Owns its tensors.
 */
export interface CombinedGradients extends Pick<LookAhead, 'factor' | 'adjoint'>, Disposable {
  readonly gradients: Params;
}

/**
 * The gradients of both tasks as one; takes ownership of them.
 * @param losses of both tasks, where theta1 takes the step: then the combiner learns from it
 */
export function combineTasks(
  combiner: Combiner,
  apart: TaskParams,
  losses: CombinedUpdate['losses'] | undefined,
): CombinedGradients {
  const { weights } = combiner;
  const gradients = combiner.combine(apart);
  if (losses) combiner.learn?.({ losses, gradients: apart });
  if (weights) {
    disposeParams(apart.primary, apart.auxiliary);
    return weightedSum(gradients, weights.auxiliary);
  }
  return {
    gradients,
    adjoint(direction) {
      if (!combiner.adjoint) throw new Error('a combiner without weights needs an adjoint for a meta-gradient');
      return combiner.adjoint(apart, direction);
    },
    [Symbol.dispose]: () => disposeParams(gradients, apart.primary, apart.auxiliary),
  };
}

export interface TaskGradientOptions {
  readonly measureCosine: boolean;
  /** This is the last use of the point. */
  readonly release: boolean;
  /** theta1 takes the step, so the combiner learns from it. */
  readonly taken: boolean;
}

/**
 * One update's gradient out of both tasks' losses, owned by the caller. One backward pass serves both where the combiner is
 * a weighted sum; the tasks are pulled back apart where it isn't, where it learns from them or where their cosine is wanted.
 */
export function taskGradients(
  point: NetworkLinearisation,
  { primary, auxiliary }: ObjectivePoint,
  combiner: Combiner,
  { measureCosine, release, taken }: TaskGradientOptions,
): CombinedGradients & { readonly gradientCosine?: number } {
  if (!auxiliary) return weightedSum(point.pullback({ [heads.primary]: primary.cotangent }, { release }), 0);

  const losses = { primary: primary.value, auxiliary: auxiliary.value };
  const { weights, learnsFrom } = combiner;
  if (weights && !measureCosine && !(taken && learnsFrom === 'gradients')) {
    const gradients = tf.tidy(() =>
      point.pullback(
        {
          [heads.primary]: tf.mul(primary.cotangent, weights.primary),
          [heads.auxiliary]: tf.mul(auxiliary.cotangent, weights.auxiliary),
        },
        { release },
      ),
    );
    if (taken) combiner.learn?.({ losses });
    return weightedSum(gradients, weights.auxiliary);
  }
  const apart = {
    primary: point.pullback({ [heads.primary]: primary.cotangent }),
    auxiliary: point.pullback({ [heads.auxiliary]: auxiliary.cotangent }, { release }),
  };
  const cosine = measureCosine ? { gradientCosine: gradientCosine(apart.primary, apart.auxiliary) } : {};
  return { ...combineTasks(combiner, apart, taken ? losses : undefined), ...cosine };
}

const weightedSum = (gradients: Params, factor: number): CombinedGradients => ({
  gradients,
  factor,
  adjoint: (direction) => scaleParams(direction, factor),
  [Symbol.dispose]: () => disposeParams(gradients),
});
