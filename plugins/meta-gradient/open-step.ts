import { disposable, disposeParams, scaleParams } from '../../core/autodiff/index.js';
import type { Mode, NetworkLinearisation, Params, Variables } from '../../core/autodiff/index.js';
import { Scope } from '../../core/engine/index.js';
import type { LookAhead } from '../../core/stages/index.js';
import { heads, taskGradients } from '../../core/training/index.js';
import type { CombinedGradients, Learner, ObjectivePoint } from '../../core/training/index.js';
import type { InnerRules, InnerStep, LabelCotangent } from './method.js';

/** A step of theta1 that is worked out but not taken, with all that its derivatives need; owns its tensors. */
export interface OpenStep extends Disposable {
  readonly mode: Mode;
  /** Where the step starts; borrowed. */
  readonly variables: Variables;
  /** What the auxiliary loss was measured against; borrowed. */
  readonly labels: InnerStep['labels'];
  readonly point: NetworkLinearisation;
  readonly losses: Required<ObjectivePoint>;
  /** The update's gradient, spent, and how it follows the auxiliary one. */
  readonly combined: CombinedGradients;
  readonly ahead: LookAhead;
  readonly gradientCosine?: number;
}

/**
 * theta1's next step on `inner`; theta1 and the batch are borrowed and must outlive it.
 * @param taken theta1 will take it, so the combiner learns from it
 */
export function openStep(
  { variables, optimizer: state, mode }: Pick<Learner, 'variables' | 'optimizer' | 'mode'>,
  { batch, labels }: InnerStep,
  { network, objective, combiner, optimizer, learningRate }: InnerRules,
  { measureCosine, taken } = { measureCosine: false, taken: false },
): OpenStep {
  const scope = new Scope();
  try {
    const point = scope.own(network.linearize(variables, batch.inputs, mode));
    const losses = scope.own(objective.at(point.outputs, batch.primary, labels)) as Required<ObjectivePoint>;
    const combined = scope.own(taskGradients(point, losses, combiner, { measureCosine, release: false, taken }));
    const { gradients, gradientCosine } = combined;
    const ahead = scope.own(optimizer.lookAhead(variables.params, gradients, state, learningRate));
    disposeParams(gradients);
    const cosine = gradientCosine !== undefined && { gradientCosine };
    const parts = { mode, variables, labels, point, losses, combined, ahead };
    return { ...parts, ...cosine, [Symbol.dispose]: () => scope[Symbol.dispose]() };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}

/** A quantity linear in the direction, along what optimizer and combiner make of `v`: from theta1+ to the auxiliary gradient. */
export const alongUpdate = (
  { ahead, combined }: Pick<OpenStep, 'ahead' | 'combined'>,
  v: Params,
  quantity: (direction: Params) => LabelCotangent,
): LabelCotangent => along(ahead, v, (u) => along(combined, u, quantity));

/**
 * A quantity linear in the direction, along what an adjoint makes of `v`. Where it multiplies v by a number, v itself is
 * the direction and the result is multiplied: a copy of all weights less.
 */
export function along(
  { factor, adjoint }: Pick<LookAhead, 'factor' | 'adjoint'>,
  v: Params,
  quantity: (direction: Params) => LabelCotangent,
): LabelCotangent {
  if (factor === undefined) {
    using direction = disposable(adjoint(v));
    return quantity(direction.params);
  }
  if (factor === 1) return quantity(v);
  using unscaled = disposable(quantity(v));
  return scaleParams(unscaled.params, factor) as LabelCotangent;
}

/**
 * The mixed derivative: how the auxiliary loss's gradient in the labels changes as theta1 moves along `direction`. Exact by
 * one tangent, since the mixed derivative is symmetric. Owned by the caller.
 */
export function mixedAlong(
  {
    point,
    labels,
    losses,
  }: Pick<OpenStep, 'point' | 'labels'> & { readonly losses: Pick<ObjectivePoint, 'auxiliary'> },
  direction: Params,
  { objective }: Pick<InnerRules, 'objective'>,
): LabelCotangent {
  using tangents = disposable(point.pushforward(direction, [heads.auxiliary]));
  const tangent = tangents.params[heads.auxiliary]!;
  return {
    targets: losses.auxiliary!.mixed(tangent),
    ...(labels.weights && { weights: objective.mixedInWeights(point.outputs, labels, tangent) }),
  };
}
