import { training } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { heads } from '../../core/training/index.js';
import type { MetaGradient } from './method.js';

/**
 * The same gradient by differentiating twice on tfjs's tape, with no shortcut: the oracle for `exact` on small networks.
 * It follows whatever update the optimizer makes, since that is written in tfjs operations.
 */
export const doubleBackward: MetaGradient = (
  theta1,
  batch,
  labels,
  { network, objective, combiner, optimizer, learningRate },
) => {
  const { params, state } = theta1.variables;
  const names = Object.keys(params);
  const mode = training(theta1.optimizer.count);
  const named = (values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const weights = combiner.weights!;

  const inner =
    (targets: tf.Tensor) =>
    (...values: tf.Tensor[]): tf.Scalar => {
      const outputs = network.apply({ params: named(values), state }, batch.inputs, mode);
      const losses = objective.apply(outputs, batch.primary, { targets });
      return tf.add(tf.mul(losses.primary, weights.primary), tf.mul(losses.auxiliary, weights.auxiliary));
    };
  const primaryAt = (variables: Params): tf.Scalar =>
    objective.applyPrimary(
      network.apply({ params: variables, state }, batch.inputs, mode, [heads.primary]),
      batch.primary,
    );
  const after = (targets: tf.Tensor): tf.Scalar => {
    const gradients = named(tf.grads(inner(targets))(Object.values(params)));
    return primaryAt(optimizer.update(params, gradients, theta1.optimizer, learningRate).params);
  };

  const { value, grad: cotangent } = tf.tidy(() => tf.valueAndGrad(after)(labels.targets));
  const before = tf.tidy(() => primaryAt(params));
  const [primaryLossAfter, primaryLossBefore] = [value, before].map((scalar) => {
    using owned = scalar;
    return owned.dataSync()[0]!;
  }) as [number, number];
  return { cotangent, primaryLossBefore, primaryLossAfter, [Symbol.dispose]: () => cotangent.dispose() };
};
