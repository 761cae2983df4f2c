import { disposeParams } from '../../core/autodiff/index.js';
import { heads } from '../../core/training/index.js';
import { exact } from './exact.js';
import type { OneStepMethod } from './one-step.js';
import { primaryGradient } from './primary-gradient.js';

/**
 * The meta-gradient in the limit of small steps: the primary gradient at theta1 itself, so that labels are good where
 * the auxiliary gradient points the way of the primary one. Saves the forward pass at theta1+ where the meta batch is the
 * inner one.
 */
export const noLookAhead: OneStepMethod = {
  direction({ variables, point, losses, mode }, { batch }, meta, rules) {
    if (meta !== batch) return primaryGradient(rules, variables, meta, mode);
    const params = point.pullback({ [heads.primary]: losses.primary.cotangent });
    return { params, primaryLoss: losses.primary.value, [Symbol.dispose]: () => disposeParams(params) };
  },
  mixed: exact.mixed,
};
