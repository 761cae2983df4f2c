import { disposable, mapParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { heads } from '../../core/training/index.js';
import { exact } from './exact.js';
import type { InnerRules, InnerStep, LabelCotangent } from './method.js';
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
    if (length === 0) return mapParams(labelsOf(inner), tf.zerosLike) as LabelCotangent;
    const epsilon = radius / length;
    using above = disposable(slopeAt(step, direction, epsilon, inner, rules));
    using below = disposable(slopeAt(step, direction, -epsilon, inner, rules));
    const difference = (up: tf.Tensor, _: string, down?: tf.Tensor): tf.Tensor =>
      tf.div(tf.sub(up, down!), 2 * epsilon);
    return mapParams(above.params, difference, below.params) as LabelCotangent;
  },
};

/** What the auxiliary loss is measured against, by name. */
const labelsOf = ({ labels: { targets, weights } }: InnerStep): LabelCotangent => ({
  targets,
  ...(weights && { weights }),
});

/** The auxiliary loss's gradient in the labels at theta1 + shift * direction. */
function slopeAt(
  { variables, mode }: OpenStep,
  direction: Params,
  shift: number,
  inner: InnerStep,
  { network, objective }: InnerRules,
): LabelCotangent {
  const moved = mapParams(
    variables.params,
    (param, _, d) => (d ? tf.add(param, tf.mul(d, shift)) : param.clone()),
    direction,
  );
  using params = disposable(moved);
  const at = { ...variables, params: params.params };
  using point = network.linearize(at, inner.batch.inputs, mode, [heads.auxiliary]);
  const { targets, weights } = labelsOf(inner);
  const loss = (targets: tf.Tensor, weights?: tf.Tensor): tf.Scalar =>
    objective.applyAuxiliary(point.outputs, { targets, ...(weights && { weights }) });
  const [inTargets, inWeights] = tf.grads(loss)([targets, ...(weights ? [weights] : [])]);
  return { targets: inTargets!, ...(inWeights && { weights: inWeights }) };
}
