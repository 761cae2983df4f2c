import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { Network } from '../../core/autodiff/index.js';
import type { Mode, Variables } from '../../core/autodiff/index.js';
import type { Generator, tf } from '../../core/engine/index.js';
import { nested } from '../../core/plugins/index.js';
import type { Learner } from '../../core/training/index.js';
import { blockHead, Dataset, Model, Psi, StageConfig } from '../../core/stages/index.js';
import type { Batch, LabelLinearisation, Labels, LearnedLabels, Regulariser } from '../../core/stages/index.js';
import { entropy } from './entropy.js';
import { blockMask, maskSoftmax, maskSoftmaxPullback } from './mask-softmax.js';

export const MaxlConfig = z.strictObject({
  psi: Psi,
  entropyWeight: z
    .number()
    .min(0)
    .default(0.2)
    .describe('weight of the entropy term that keeps labels from collapsing'),
  model: nested('model').optional().describe("architecture of the label network; the main network's by default"),
});

/**
 * Meta AuXiliary Learning (Liu, Davison and Johns, NeurIPS 2019): a label network theta2 of its own assigns every sample
 * soft auxiliary classes inside its primary class's block, and is trained by a meta-step so that they help the primary task.
 */
@injectable()
export class Maxl implements LearnedLabels {
  readonly head;
  readonly regulariser: Regulariser;
  private readonly network: Network;

  constructor(
    @inject(StageConfig) { psi, entropyWeight, model: own }: z.output<typeof MaxlConfig>,
    @inject(Dataset) dataset: Dataset,
    @inject(Model) model: Model,
  ) {
    this.head = blockHead(psi, dataset);
    this.regulariser = entropy(entropyWeight);
    this.network = labelNetwork(own ?? model, dataset.inputShape, this.head.outputs);
  }

  init(random: Generator): Variables {
    return this.network.init(random);
  }

  /** Soft labels `[batch, sum(psi)]` by batch statistics; owned by the caller. */
  for(batch: Batch, { variables, mode }: Learner): Labels {
    using point = this.linearize(variables, batch, mode);
    const targets = point.targets.clone();
    return { targets, [Symbol.dispose]: () => targets.dispose() };
  }

  linearize(theta2: Variables, batch: Batch, mode: Mode): LabelLinearisation {
    const point = this.network.linearize(theta2, batch.inputs, mode);
    using mask = blockMask(batch.primaryClasses, this.head.psi);
    const targets = maskSoftmax(point.outputs['labels']!, mask);
    return {
      targets,
      stateUpdate: point.stateUpdate,
      pullback(cotangent, options) {
        using labels = maskSoftmaxPullback(targets, cotangent);
        return point.pullback({ labels }, options);
      },
      [Symbol.dispose]() {
        targets.dispose();
        point[Symbol.dispose]();
      },
    };
  }

  apply(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D {
    const { labels } = this.network.apply(theta2, batch.inputs, mode);
    using mask = blockMask(batch.primaryClasses, this.head.psi);
    return maskSoftmax(labels!, mask);
  }
}

/** The trunk of `model` with one head, `labels`. */
const labelNetwork = (model: Model, input: readonly number[], outputs: number): Network => {
  const trunk = model.trunk(input);
  return new Network(trunk, { labels: model.head('labels', trunk.outputShape(input), outputs) }, input);
};
