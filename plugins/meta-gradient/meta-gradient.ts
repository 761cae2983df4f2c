import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { disposable, normParams, training } from '../../core/autodiff/index.js';
import type { Network } from '../../core/autodiff/index.js';
import type { tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { nested } from '../../core/plugins/index.js';
import { AuxiliaryLabels, Combiner, isLearned, Optimizer, StageConfig } from '../../core/stages/index.js';
import type { LearnedLabels, MetaStep, Pass, Step } from '../../core/stages/index.js';
import { finite, MainNetwork, Objective } from '../../core/training/index.js';
import { doubleBackward } from './double-backward.js';
import { exact } from './exact.js';
import type { MetaGradient } from './method.js';
import { regularised } from './regularised.js';

const methods: Readonly<Record<'exact' | 'double-backward', MetaGradient>> = {
  exact,
  'double-backward': doubleBackward,
};

export const MetaGradientConfig = z.strictObject({
  method: z
    .enum(['exact', 'double-backward'])
    .default('exact')
    .describe('exact: forward mode, fast; double-backward: on the tape, an oracle for small networks'),
  schedule: z.enum(['epoch']).default('epoch').describe('epoch: a meta pass after each training pass'),
  optimizer: nested('optimizer').describe("theta2's optimizer"),
});

/** Trains a learned strategy's theta2 so that its labels help theta1's next step (paper, algorithm 1). */
@injectable()
export class MetaGradientStep implements MetaStep {
  readonly idle?: string;
  readonly optimizer: Optimizer;
  private readonly method: MetaGradient;

  constructor(
    @inject(StageConfig) { method, optimizer }: z.output<typeof MetaGradientConfig>,
    @inject(AuxiliaryLabels) private readonly labels: AuxiliaryLabels,
    @inject(MainNetwork) private readonly network: Network,
    @inject(Objective) private readonly objective: Objective,
    @inject(Combiner) private readonly combiner: Combiner,
    @inject(Optimizer) private readonly innerOptimizer: Optimizer,
  ) {
    if (!isLearned(labels)) {
      this.idle = 'the auxiliary labels have no weights to learn, so the meta-gradient has nothing to do';
    } else if (!combiner.weights) {
      throw ConfigError.of(
        'meta-step/combiner',
        ['combiner'],
        'the meta-gradient needs an update that is a weighted sum of the gradients of the tasks',
        'use the combiner sum',
      );
    }
    this.optimizer = optimizer;
    this.method = methods[method];
  }

  passes(train: Step): readonly Pass[] {
    const training = { name: 'train', step: train };
    return isLearned(this.labels) ? [training, { name: 'meta', step: this.metaStep(this.labels) }] : [training];
  }

  /** Moves theta2 by one batch and leaves theta1 as it is. */
  private readonly metaStep =
    (learned: LearnedLabels): Step =>
    ({ theta1, theta2 }, batch, position) => {
      const { network, objective, combiner, innerOptimizer } = this;
      const { regulariser } = learned;
      const inner = {
        network,
        objective,
        combiner,
        optimizer: innerOptimizer,
        learningRate: innerOptimizer.learningRate.at(position),
      };
      using labels = learned.linearize(theta2!.variables, batch, training(theta2!.optimizer.count));
      using meta = this.method(theta1, batch, labels, inner);
      finite(meta.primaryLossAfter, 'metaStep', 'primary loss after the look-ahead', position);

      using entropy = regulariser.apply(labels.targets);
      using cotangent = regularised(meta.cotangent, labels.targets, regulariser);
      using gradient = disposable(labels.pullback(cotangent.total));
      const metaGradientNorm = finite(normParams(gradient.params), 'metaStep', 'meta-gradient', position);

      const learningRate = this.optimizer.learningRate.at(position);
      theta2!.update(this.optimizer, gradient.params, learningRate);
      theta2!.commit(labels.stateUpdate);
      return [
        {
          type: 'meta-step:end',
          primaryLossBefore: meta.primaryLossBefore,
          primaryLossAfter: meta.primaryLossAfter,
          regulariser: entropy.dataSync()[0]!,
          metaGradientNorm,
          metaCotangentNorm: norm(meta.cotangent),
          regulariserCotangentNorm: norm(cotangent.regulariser),
          learningRate,
        },
      ];
    };
}

const norm = (tensor: tf.Tensor): number => normParams({ tensor });
