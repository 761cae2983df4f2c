import { disposeParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { Batch } from '../../core/stages/index.js';
import { labelGradient } from './method.js';
import type { Direction, InnerRules, InnerStep, LabelCotangent, LabelGradient, MetaGradient } from './method.js';
import { alongUpdate, openStep } from './open-step.js';
import type { OpenStep } from './open-step.js';

/** A method for a look-ahead of one step: where the primary loss wants theta1 to go, and the mixed derivative that way. */
export interface OneStepMethod {
  /** The primary gradient that the step is judged by; owned by the caller. */
  direction(step: OpenStep, inner: InnerStep, meta: Batch, rules: InnerRules): Direction;
  /** Linear in `direction`, which holds the adjoints of optimizer and combiner; owned by the caller. */
  mixed(step: OpenStep, direction: Params, inner: InnerStep, rules: InnerRules): LabelCotangent;
}

/**
 * The gradient in the labels of a step that is open already.
 * @param drop theta1 won't take the step, so where it leads is freed as soon as it was used
 */
export function throughStep(
  method: OneStepMethod,
  step: OpenStep,
  inner: InnerStep,
  meta: Batch,
  rules: InnerRules,
  { drop }: { readonly drop: boolean },
): LabelGradient {
  using after = method.direction(step, inner, meta, rules);
  if (drop) disposeParams(step.ahead.params);
  const cotangent = alongUpdate(step, after.params, (direction) => method.mixed(step, direction, inner, rules));
  return labelGradient([cotangent], step.losses.primary.value, after.primaryLoss);
}

/** The method on a step of its own, which theta1 doesn't take. */
export const oneStep =
  (method: OneStepMethod): MetaGradient =>
  ({ theta1, inner: [inner], meta }, rules) => {
    using step = openStep(theta1, inner!, rules);
    return throughStep(method, step, inner!, meta, rules, { drop: true });
  };
