import { inject, injectable } from 'inversify';
import { z } from 'zod';
import type { Mode, Network, Variables } from '../../core/autodiff/index.js';
import { Scope, tf } from '../../core/engine/index.js';
import type { Generator } from '../../core/engine/index.js';
import type { Learner } from '../../core/training/index.js';
import { blockHead, Dataset, Model, StageConfig } from '../../core/stages/index.js';
import type { Batch, LabelLinearisation, Labels, LearnedLabels, Regulariser } from '../../core/stages/index.js';
import { MaskedLabels } from '../maxl/masked-labels.js';
import { adviceOn, labelNetwork, MaxlConfig } from '../maxl/maxl.js';
import { sampleWeights, sampleWeightsPullback } from './sample-weights.js';

export const WeightedMaxlConfig = MaxlConfig.extend({
  largestWeight: z
    .number()
    .gt(0)
    .default(2)
    .describe("largest weight of a sample's auxiliary loss; an undecided label network gives half of it"),
});

/**
 * MAXL whose label network has a second head: how much each sample counts in the auxiliary loss, between 0 and
 * `largestWeight`, learned by the same meta-gradient (Shu et al. 2019, "Meta-Weight-Net: Learning an Explicit Mapping For Sample
 * Weighting", section 2, with the input in place of the loss as what a weight depends on).
 */
@injectable()
export class WeightedMaxl implements LearnedLabels {
  readonly head;
  readonly regulariser: Regulariser;
  readonly advice;
  private readonly network: Network;
  private readonly labels: MaskedLabels;
  private readonly largest: number;

  constructor(
    @inject(StageConfig) config: z.output<typeof WeightedMaxlConfig>,
    @inject(Dataset) dataset: Dataset,
    @inject(Model) model: Model,
  ) {
    this.head = blockHead(config.psi, dataset);
    this.labels = new MaskedLabels(config, this.head.psi);
    ({ regulariser: this.regulariser } = this.labels);
    this.advice = adviceOn(config);
    this.largest = config.largestWeight;
    const outputs = { labels: this.head.outputs, weights: 1 };
    this.network = labelNetwork(config.model ?? model, dataset.inputShape, outputs);
  }

  init(random: Generator): Variables {
    return this.network.init(random);
  }

  /** Labels `[batch, sum(psi)]` and weights `[batch]` by batch statistics; owned by the caller. */
  for(batch: Batch, { variables, mode }: Learner): Labels {
    using point = this.linearize(variables, batch, mode);
    const [targets, weights] = [point.targets.clone(), point.weights.clone()];
    return { targets, weights, [Symbol.dispose]: () => tf.dispose([targets, weights]) };
  }

  linearize(theta2: Variables, batch: Batch, mode: Mode): LabelLinearisation & { readonly weights: tf.Tensor1D } {
    const scope = new Scope();
    const point = scope.own(this.network.linearize(theta2, batch.inputs, mode));
    const made = scope.own(this.labels.at(point.outputs['labels']!, batch.primaryClasses));
    const weights = sampleWeights(point.outputs['weights']!, this.largest);
    scope.defer(() => weights.dispose());
    return {
      targets: made.targets,
      weights,
      stateUpdate: point.stateUpdate,
      pullback: (cotangent, { weights: ofWeights, ...options } = {}) =>
        tf.tidy(() => {
          const labels = made.pullback(cotangent);
          if (!ofWeights) return point.pullback({ labels }, options);
          return point.pullback({ labels, weights: sampleWeightsPullback(weights, ofWeights, this.largest) }, options);
        }),
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
  }

  apply(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D {
    const { labels } = this.network.apply(theta2, batch.inputs, mode, ['labels']);
    return this.labels.apply(labels!, batch.primaryClasses);
  }

  applyWeights(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor1D {
    const { weights } = this.network.apply(theta2, batch.inputs, mode, ['weights']);
    return sampleWeights(weights!, this.largest);
  }

  features(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D {
    return this.network.features(theta2, batch.inputs, mode);
  }
}
