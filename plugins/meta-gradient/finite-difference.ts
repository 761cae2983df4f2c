import { disposable, mapParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { heads } from '../../core/training/index.js';
import { exact } from './exact.js';
import type { InnerRules, InnerStep } from './method.js';
import type { OneStepMethod } from './one-step.js';
import type { OpenStep } from './open-step.js';

/** Length of the perturbation of theta1 (Liu, Simonyan and Yang 2019, "DARTS", section 2.3). */
const radius = 0.01;

/**
 * The mixed derivative by central differences of the label gradient at theta1 +- epsilon v, as the published first-order
 * code has it: two forward passes and no second derivative, but biased by the curvature within `radius`.
 */
export const finiteDifference: OneStepMethod = {
  direction: exact.direction,

  mixed(step, direction, inner, rules) {
    const length = normParams(direction);
    if (length === 0) return tf.zerosLike(inner.labels.targets);
    const epsilon = radius / length;
    const [above, below] = [epsilon, -epsilon].map((shift) => slopeAt(step, direction, shift, inner, rules));
    const cotangent = tf.tidy(() => tf.mul(tf.sub(above!, below!), rules.combiner.weights!.auxiliary / (2 * epsilon)));
    tf.dispose([above!, below!]);
    return cotangent;
  },
};

/** The auxiliary loss's gradient in the labels at theta1 + shift * direction. */
function slopeAt(
  { variables, mode }: OpenStep,
  direction: Params,
  shift: number,
  { batch, labels }: InnerStep,
  { network, objective }: InnerRules,
): tf.Tensor {
  const moved = mapParams(
    variables.params,
    (param, _, d) => (d ? tf.add(param, tf.mul(d, shift)) : param.clone()),
    direction,
  );
  using params = disposable(moved);
  const at = { ...variables, params: params.params };
  using point = network.linearize(at, batch.inputs, mode, [heads.auxiliary]);
  return tf.grad((targets) => objective.applyAuxiliary(point.outputs, { targets }))(labels.targets);
}
