import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { Network } from '../../core/autodiff/index.js';
import type { Mode, Variables } from '../../core/autodiff/index.js';
import type { Generator, tf } from '../../core/engine/index.js';
import { nested } from '../../core/plugins/index.js';
import type { Learner } from '../../core/training/index.js';
import { blockHead, Dataset, Model, Psi, StageConfig } from '../../core/stages/index.js';
import type { Batch, LabelLinearisation, Labels, LearnedLabels, Regulariser } from '../../core/stages/index.js';
import { MaskedLabels } from './masked-labels.js';

export const MaxlConfig = z.strictObject({
  psi: Psi,
  entropyWeight: z
    .number()
    .min(0)
    .default(0.2)
    .describe('weight of the entropy term that keeps labels from collapsing'),
  entropyScope: z
    .enum(['global', 'per-primary'])
    .default('global')
    .describe('classes used evenly over the whole batch, or over the samples of each primary class in it'),
  sampleEntropyWeight: z
    .number()
    .min(0)
    .default(0)
    .describe("weight of the term that makes each sample's label sure of one class"),
  temperature: z
    .number()
    .gt(0)
    .default(1)
    .describe('divides the logits of the mask softmax; below 1 labels are sharper'),
  labels: z
    .enum(['soft', 'hard'])
    .default('soft')
    .describe('soft: distributions; hard: the likeliest class alone, with the gradient of the soft ones'),
  metaScale: z.number().gt(0).default(1).describe('what the meta-gradient is multiplied by beside the entropy terms'),
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
  readonly advice;
  private readonly network: Network;
  private readonly labels: MaskedLabels;

  constructor(
    @inject(StageConfig) config: z.output<typeof MaxlConfig>,
    @inject(Dataset) dataset: Dataset,
    @inject(Model) model: Model,
  ) {
    this.head = blockHead(config.psi, dataset);
    this.labels = new MaskedLabels(config, this.head.psi);
    ({ regulariser: this.regulariser } = this.labels);
    this.advice = adviceOn(config);
    this.network = labelNetwork(config.model ?? model, dataset.inputShape, { labels: this.head.outputs });
  }

  init(random: Generator): Variables {
    return this.network.init(random);
  }

  /** Labels `[batch, sum(psi)]` by batch statistics; owned by the caller. */
  for(batch: Batch, { variables, mode }: Learner): Labels {
    using point = this.linearize(variables, batch, mode);
    const targets = point.targets.clone();
    return { targets, [Symbol.dispose]: () => targets.dispose() };
  }

  linearize(theta2: Variables, batch: Batch, mode: Mode): LabelLinearisation {
    const point = this.network.linearize(theta2, batch.inputs, mode);
    const made = this.labels.at(point.outputs['labels']!, batch.primaryClasses);
    return {
      targets: made.targets,
      stateUpdate: point.stateUpdate,
      pullback(cotangent, options) {
        using labels = made.pullback(cotangent);
        return point.pullback({ labels }, options);
      },
      [Symbol.dispose]() {
        made[Symbol.dispose]();
        point[Symbol.dispose]();
      },
    };
  }

  apply(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D {
    const { labels } = this.network.apply(theta2, batch.inputs, mode);
    return this.labels.apply(labels!, batch.primaryClasses);
  }

  features(theta2: Variables, batch: Batch, mode: Mode): tf.Tensor2D {
    return this.network.features(theta2, batch.inputs, mode);
  }
}

/** Which keys to turn where labels fail. */
export const adviceOn = ({ entropyWeight, sampleEntropyWeight, temperature }: z.output<typeof MaxlConfig>) => ({
  collapsed:
    `raise auxiliary.entropyWeight (${entropyWeight}) or auxiliary.temperature (${temperature}), lower ` +
    `auxiliary.sampleEntropyWeight (${sampleEntropyWeight}), or use auxiliary.entropyScope=per-primary`,
  uniform:
    `lower auxiliary.temperature (${temperature}) or auxiliary.entropyWeight (${entropyWeight}), raise ` +
    `auxiliary.sampleEntropyWeight (${sampleEntropyWeight}) or auxiliary.metaScale, or use auxiliary.labels=hard`,
});

/** The trunk of `model` with a head of so many outputs under each name. */
export function labelNetwork(
  model: Model,
  input: readonly number[],
  outputs: Readonly<Record<string, number>>,
): Network {
  const trunk = model.trunk(input);
  const features = trunk.outputShape(input);
  const heads = Object.entries(outputs).map(([name, size]) => [name, model.head(name, features, size)] as const);
  return new Network(trunk, Object.fromEntries(heads), input);
}
