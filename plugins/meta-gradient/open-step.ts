import { disposable } from '../../core/autodiff/index.js';
import type { Mode, NetworkLinearisation, Params, Variables } from '../../core/autodiff/index.js';
import { Scope, tf } from '../../core/engine/index.js';
import type { LookAhead } from '../../core/stages/index.js';
import { heads, taskGradients } from '../../core/training/index.js';
import type { Learner, ObjectivePoint } from '../../core/training/index.js';
import type { InnerRules, InnerStep } from './method.js';

/** A step of theta1 that is worked out but not taken, with all that its derivatives need; owns its tensors. */
export interface OpenStep extends Disposable {
  readonly mode: Mode;
  /** Where the step starts; borrowed. */
  readonly variables: Variables;
  readonly point: NetworkLinearisation;
  readonly losses: Required<ObjectivePoint>;
  readonly ahead: LookAhead;
  readonly gradientCosine?: number;
}

/** theta1's next step on `inner`; theta1 and the batch are borrowed and must outlive it. */
export function openStep(
  { variables, optimizer: state, mode }: Pick<Learner, 'variables' | 'optimizer' | 'mode'>,
  { batch, labels }: InnerStep,
  { network, objective, combiner, optimizer, learningRate }: InnerRules,
  measureCosine = false,
): OpenStep {
  const scope = new Scope();
  try {
    const point = scope.own(network.linearize(variables, batch.inputs, mode));
    const losses = scope.own(objective.at(point.outputs, batch.primary, labels)) as Required<ObjectivePoint>;
    const { gradients, ...cosine } = taskGradients(point, losses, combiner, { measureCosine, release: false });
    using owned = disposable(gradients);
    const ahead = scope.own(optimizer.lookAhead(variables.params, owned.params, state, learningRate));
    return { mode, variables, point, losses, ahead, ...cosine, [Symbol.dispose]: () => scope[Symbol.dispose]() };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}

/**
 * A quantity linear in the direction, along what the optimizer makes of `v`. Where it multiplies v by a number, v itself is
 * the direction and the result is multiplied: a copy of all weights less.
 */
export function alongUpdate(
  { factor, adjoint }: LookAhead,
  v: Params,
  quantity: (direction: Params) => tf.Tensor,
): tf.Tensor {
  if (factor === undefined) {
    using direction = disposable(adjoint(v));
    return quantity(direction.params);
  }
  using along = quantity(v);
  return tf.mul(along, factor);
}

/**
 * The mixed derivative: how the auxiliary loss's gradient in the labels changes as theta1 moves along `direction`,
 * weighted as in the update. Exact by one tangent, since the mixed derivative is symmetric.
 * @returns float32 `[batch, outputs]`, owned by the caller
 */
export function mixedAlong(
  { point, losses }: Pick<OpenStep, 'point'> & { readonly losses: Pick<OpenStep['losses'], 'auxiliary'> },
  direction: Params,
  { combiner }: Pick<InnerRules, 'combiner'>,
): tf.Tensor {
  using tangents = disposable(point.pushforward(direction, [heads.auxiliary]));
  using mixed = losses.auxiliary.mixed(tangents.params[heads.auxiliary]!);
  return tf.mul(mixed, combiner.weights!.auxiliary);
}
