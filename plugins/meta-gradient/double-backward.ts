import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Batch } from '../../core/stages/index.js';
import { heads } from '../../core/training/index.js';
import { afterSteps, labelGradient } from './method.js';
import type { MetaGradient } from './method.js';
import { totalLoss } from './total-loss.js';

/**
 * The same gradient by differentiating through theta1's steps on tfjs's tape, with no shortcut: the oracle for the other
 * methods on small networks. It follows whatever update the optimizer makes, since that is written in tfjs operations.
 */
export const doubleBackward: MetaGradient = ({ theta1, inner, meta }, rules) => {
  const { variables, mode } = theta1;
  const names = Object.keys(variables.params);
  const named = (values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const primaryAt = (params: Params, { inputs, primary }: Batch, step: number): tf.Scalar =>
    rules.objective.applyPrimary(
      rules.network.apply({ params, state: variables.state }, inputs, afterSteps(mode, step), [heads.primary]),
      primary,
    );

  /** The steps' targets, and then their weights where these are learned too. */
  const targets = inner.map(({ labels }) => labels.targets);
  const weights = inner.flatMap(({ labels }) => labels.weights ?? []);

  const after = (...labels: tf.Tensor[]): tf.Scalar => {
    let { params } = variables;
    let state = theta1.optimizer;
    for (const [i, { batch }] of inner.entries()) {
      const step = labelsAt(labels, i, inner.length);
      const loss = (...values: tf.Tensor[]): tf.Scalar =>
        totalLoss({ ...variables, params: named(values) }, batch, step, afterSteps(mode, i), rules);
      const gradients = named(tf.grads(loss)(names.map((name) => params[name]!)));
      ({ params, state } = rules.optimizer.update(params, gradients, state, rules.learningRate));
    }
    // Keeps the labels on the tape where the update makes nothing of them, as at a rate of 0.
    const none = tf.mul(tf.addN(labels.map((tensor) => tf.sum(tensor))), 0);
    return tf.add(primaryAt(params, meta, inner.length), none);
  };

  const { grads, value } = tf.tidy(() => tf.valueAndGrads(after)([...targets, ...weights]));
  const cotangents = inner.map((_, i) => labelsAt(grads, i, inner.length));
  const before = tf.tidy(() => primaryAt(variables.params, inner[0]!.batch, 0));
  const [primaryLossAfter, primaryLossBefore] = [value, before].map((scalar) => {
    using owned = scalar;
    return owned.dataSync()[0]!;
  }) as [number, number];
  return labelGradient(cotangents, primaryLossBefore, primaryLossAfter);
};

/** What belongs to step `i` of all targets and then, where there are any, all weights. */
const labelsAt = (tensors: readonly tf.Tensor[], i: number, steps: number) => {
  const weights = tensors[steps + i];
  return { targets: tensors[i]! as tf.Tensor2D, ...(weights && { weights: weights as tf.Tensor1D }) };
};
