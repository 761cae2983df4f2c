import type { Network } from '../autodiff/index.js';
import { Generator, type Random } from '../engine/index.js';
import { isLearned } from '../stages/index.js';
import type { AuxiliaryLabels, Optimizer } from '../stages/index.js';
import { Learner, TrainState } from './train-state.js';

export interface InitialStateOptions {
  readonly network: Network;
  readonly optimizer: Optimizer;
  readonly labels: AuxiliaryLabels;
  /** theta2's, where a meta-step trains it. */
  readonly labelOptimizer: Optimizer | undefined;
  readonly random: Random;
}

/** The state before the first step: fresh weights, each network's from a generator of its own. Owned by the caller. */
export function initialState({ network, optimizer, labels, labelOptimizer, random }: InitialStateOptions): TrainState {
  const masks = (learner: string): number => Generator.for(random.seed, `masks/${learner}`).integer(2 ** 30);
  const theta1 = network.init(random.for('weights/theta1'));
  const first = new Learner(theta1, optimizer.init(theta1.params), masks('theta1'));
  if (!isLearned(labels)) return new TrainState(first);
  const theta2 = labels.init(random.for('weights/theta2'));
  const state = labelOptimizer?.init(theta2.params) ?? { tensors: {}, count: 0 };
  return new TrainState(first, new Learner(theta2, state, masks('theta2')));
}
