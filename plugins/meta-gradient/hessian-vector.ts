import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { InnerRules, InnerStep } from './method.js';
import type { OpenStep } from './open-step.js';
import { totalLoss } from './total-loss.js';

/**
 * The Hessian of theta1's training loss at an open step, times a direction: the tape's gradient of <gradient, direction>.
 * A parameter absent from `direction` counts as zero. Owned by the caller.
 */
export function hessianVector(
  { variables, mode }: OpenStep,
  inner: InnerStep,
  direction: Params,
  rules: InnerRules,
): Params {
  if (Object.keys(direction).length === 0) return {};
  const names = Object.keys(variables.params);
  const named = (values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  const slope = (...at: tf.Tensor[]): tf.Scalar => {
    const loss = (...params: tf.Tensor[]): tf.Scalar =>
      totalLoss({ ...variables, params: named(params) }, inner.batch, inner.labels, mode, rules);
    const gradients = tf.grads(loss)(at);
    return tf.addN(
      gradients.flatMap((gradient, i) => {
        const along = direction[names[i]!];
        return along ? [tf.sum(tf.mul(gradient, along))] : [];
      }),
    ) as tf.Scalar;
  };
  return named(tf.tidy(() => tf.grads(slope)(Object.values(variables.params))));
}
