import { disposable, training } from '../../core/autodiff/index.js';
import type { Network, Params, Variables } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Batch } from '../../core/stages/index.js';
import { heads, taskGradients } from '../../core/training/index.js';
import type { Objective } from '../../core/training/index.js';
import type { MetaGradient } from './method.js';

/**
 * How the labels should change so that the primary loss is lowest after the main network's next step (paper, section
 * 3.2, equations 3 to 5). Exact: the auxiliary loss is linear in the labels, so the gradient through the gradient step
 * is a tangent at theta1 along the primary gradient at theta1+, which replaces the second backward pass.
 */
export const exact: MetaGradient = (
  theta1,
  batch,
  labels,
  { network, objective, combiner, optimizer, learningRate },
) => {
  const { variables } = theta1;
  const mode = training(theta1.optimizer.count);
  using here = network.linearize(variables, batch.inputs, mode);
  using losses = objective.at(here.outputs, batch.primary, labels);
  using step = disposable(taskGradients(here, losses, combiner, { measureCosine: false, release: false }).gradients);

  using ahead = optimizer.lookAhead(variables.params, step.params, theta1.optimizer, learningRate);
  const after = primaryGradient(network, objective, { ...variables, params: ahead.params }, batch, mode.seed);
  using v = disposable(after.gradient);
  using direction = disposable(ahead.adjoint(v.params));

  using tangents = disposable(here.pushforward(direction.params, [heads.auxiliary]));
  using mixed = losses.auxiliary!.mixed(tangents.params[heads.auxiliary]!);
  const cotangent = tf.mul(mixed, combiner.weights!.auxiliary);
  return {
    cotangent,
    primaryLossBefore: losses.primary.value,
    primaryLossAfter: after.loss,
    [Symbol.dispose]: () => cotangent.dispose(),
  };
};

/** The primary loss and its gradient; the activations die with the call, the gradient is the caller's. */
function primaryGradient(
  network: Network,
  objective: Objective,
  variables: Variables,
  { inputs, primary }: Batch,
  seed: number,
): { loss: number; gradient: Params } {
  using point = network.linearize(variables, inputs, training(seed), [heads.primary]);
  using loss = objective.primaryAt(point.outputs, primary);
  return { loss: loss.value, gradient: point.pullback({ [heads.primary]: loss.cotangent }, { release: true }) };
}
