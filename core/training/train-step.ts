import { disposable, training } from '../autodiff/index.js';
import type { Network } from '../autodiff/index.js';
import type { tf } from '../engine/index.js';
import type { AuxiliaryLabels, Combiner, Optimizer, Step } from '../stages/index.js';
import { finite } from './finite.js';
import { labelMass } from './label-use.js';
import { heads } from './objective.js';
import type { Objective } from './objective.js';
import { taskGradients } from './task-gradients.js';

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
    using labels = strategy.head && strategy.for(batch, theta2?.variables);
    using point = network.linearize(theta1.variables, labels?.inputs ?? batch.inputs, training(theta1.optimizer.count));
    using losses = objective.at(point.outputs, batch.primary, labels);
    const primaryLoss = finite(losses.primary.value, 'loss', 'primary loss', position);
    const auxiliaryLoss =
      losses.auxiliary && finite(losses.auxiliary.value, 'auxiliaryLoss', 'auxiliary loss', position);
    const primaryAccuracy = countCorrect(point.outputs[heads.primary]!, batch.primaryClasses) / batch.size;
    theta1.commit(point.stateUpdate);

    const measureCosine = cosineEvery > 0 && theta1.optimizer.count % cosineEvery === 0;
    const { gradients, cosine } = taskGradients(point, losses, combiner, { measureCosine, release: true });
    using owned = disposable(gradients);
    const learningRate = optimizer.learningRate.at(position);
    theta1.update(optimizer, owned.params, learningRate);

    const psi = strategy.head?.psi;
    const mass = labels && psi && labelMass(labels.targets, batch.primaryClasses, psi);
    return [
      {
        type: 'step:end',
        primaryLoss,
        primaryAccuracy,
        learningRate,
        ...(auxiliaryLoss === undefined ? {} : { auxiliaryLoss }),
        ...(cosine === undefined ? {} : { gradientCosine: cosine }),
        ...(mass ? { labelMass: mass } : {}),
      },
    ];
  };

/** Samples whose largest logit is their class. */
export function countCorrect(logits: tf.Tensor, classes: Int32Array): number {
  using predicted = logits.argMax(-1);
  const guesses = predicted.dataSync();
  return classes.reduce((correct, k, n) => correct + (k === guesses[n] ? 1 : 0), 0);
}
