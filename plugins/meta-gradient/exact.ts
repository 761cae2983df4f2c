import { afterSteps } from './method.js';
import { mixedAlong } from './open-step.js';
import type { OneStepMethod } from './one-step.js';
import { primaryGradient } from './primary-gradient.js';

/**
 * How the labels should change so that the primary loss is lowest after the main network's next step (paper, section
 * 3.2, equations 3 to 5). Exact: the gradient through the gradient step is the mixed derivative at theta1 along the primary
 * gradient at theta1+, and a tangent gives it without a second backward pass.
 */
export const exact: OneStepMethod = {
  direction: ({ variables, ahead, mode }, _, meta, rules) =>
    primaryGradient(rules, { ...variables, params: ahead.params }, meta, afterSteps(mode, 1)),
  mixed: (step, direction, _, rules) => mixedAlong(step, direction, rules),
};
