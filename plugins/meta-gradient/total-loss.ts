import type { Mode, Variables } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Batch } from '../../core/stages/index.js';
import type { InnerRules, InnerStep } from './method.js';

/** What theta1 minimises on a batch, on the tape: the tasks' losses weighted as the update has them. */
export function totalLoss(
  variables: Variables,
  { inputs, primary }: Batch,
  labels: InnerStep['labels'],
  mode: Mode,
  { network, objective, combiner }: InnerRules,
): tf.Scalar {
  const losses = objective.apply(network.apply(variables, inputs, mode), primary, labels);
  const weights = combiner.weights!;
  return tf.add(tf.mul(losses.primary, weights.primary), tf.mul(losses.auxiliary, weights.auxiliary));
}
