import { disposeParams } from '../autodiff/index.js';
import type { NetworkLinearisation, Params } from '../autodiff/index.js';
import { tf } from '../engine/index.js';
import type { Combiner } from '../stages/index.js';
import { gradientCosine } from './gradient-cosine.js';
import { heads } from './objective.js';
import type { ObjectivePoint } from './objective.js';

export interface TaskGradients {
  /** The update's gradient, owned by the caller. */
  readonly gradients: Params;
  readonly gradientCosine?: number;
}

/**
 * One update's gradient out of both tasks' losses. One backward pass serves both where the combiner is a weighted sum;
 * the tasks are pulled back apart where it isn't, or where their cosine is wanted.
 * @param release this is the last use of `point`
 */
export function taskGradients(
  point: NetworkLinearisation,
  losses: ObjectivePoint,
  combiner: Combiner,
  { measureCosine, release }: { readonly measureCosine: boolean; readonly release: boolean },
): TaskGradients {
  const primary = { [heads.primary]: losses.primary.cotangent };
  if (!losses.auxiliary) return { gradients: point.pullback(primary, { release }) };

  const { weights } = combiner;
  if (weights && !measureCosine) {
    return tf.tidy(() => ({
      gradients: point.pullback(
        {
          [heads.primary]: tf.mul(losses.primary.cotangent, weights.primary),
          [heads.auxiliary]: tf.mul(losses.auxiliary!.cotangent, weights.auxiliary),
        },
        { release },
      ),
    }));
  }
  const apart = {
    primary: point.pullback(primary),
    auxiliary: point.pullback({ [heads.auxiliary]: losses.auxiliary.cotangent }, { release }),
  };
  const gradients = combiner.combine(apart);
  const cosine = measureCosine ? { gradientCosine: gradientCosine(apart.primary, apart.auxiliary) } : {};
  disposeParams(apart.primary, apart.auxiliary);
  return { gradients, ...cosine };
}
