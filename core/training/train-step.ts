import type { Network, Outputs } from '../autodiff/index.js';
import type { tf } from '../engine/index.js';
import type { StepMeasurement } from '../events/index.js';
import type { AuxiliaryLabels, Batch, Combiner, Optimizer, Step, StepPosition } from '../stages/index.js';
import { finite, rateAt } from './finite.js';
import { labelSums } from './label-use.js';
import { heads } from './objective.js';
import type { Objective, ObjectivePoint } from './objective.js';
import { scoringOf } from './scoring.js';
import { taskGradients } from './task-gradients.js';
import type { Learner } from './train-state.js';

export interface TrainStepOptions {
  readonly network: Network;
  readonly labels: AuxiliaryLabels;
  readonly objective: Objective;
  readonly combiner: Combiner;
  readonly optimizer: Optimizer;
  /** Measure the gradient cosine at every n-th step; 0 never. */
  readonly cosineEvery: number;
}

/** The ordinary training step: one batch moves theta1 down both losses, the auxiliary labels held fixed. */
export const trainStep =
  ({ network, labels: strategy, objective, combiner, optimizer, cosineEvery }: TrainStepOptions): Step =>
  ({ theta1, theta2 }, batch, position) => {
    using labels = strategy.head && strategy.for(batch, theta2, theta1);
    using point = network.linearize(theta1.variables, labels?.inputs ?? batch.inputs, theta1.mode);
    using losses = objective.at(point.outputs, batch.primary, labels);
    const seen = measureStep(point.outputs, losses, batch, position, labels?.targets, strategy.head?.psi);
    theta1.commit(point.stateUpdate);

    const measureCosine = isDue(cosineEvery, theta1);
    using combined = taskGradients(point, losses, combiner, { measureCosine, release: true, taken: true });
    const learningRate = rateAt(optimizer, 'optimizer', position);
    theta1.update(optimizer, combined.gradients, learningRate);
    const { gradientCosine } = combined;
    return [{ ...seen, learningRate, ...(gradientCosine !== undefined && { gradientCosine }) }];
  };

/** Whether something that happens at every n-th update happens at the next one; 0 is never. */
export const isDue = (every: number, { optimizer }: Learner): boolean => every > 0 && optimizer.count % every === 0;

/**
 * What a training step saw before it moved; everything is borrowed.
 * @param targets the auxiliary labels, by whose blocks `psi` their use is counted
 * @throws RunError where a loss isn't finite
 */
export function measureStep(
  outputs: Outputs,
  { primary, auxiliary }: ObjectivePoint,
  batch: Batch,
  position: StepPosition,
  targets?: tf.Tensor,
  psi?: readonly number[],
): Omit<StepMeasurement, 'learningRate'> {
  const scoring = scoringOf(batch);
  return {
    type: 'step:end',
    primaryLoss: finite(primary.value, 'loss', 'primary loss', position),
    ...scoring.ofStep(scoring.sums(outputs[heads.primary]!, batch), batch.size),
    ...(auxiliary && { auxiliaryLoss: finite(auxiliary.value, 'auxiliaryLoss', 'auxiliary loss', position) }),
    ...(targets && psi && labelSums(targets, batch.primaryClasses, psi)),
  };
}
