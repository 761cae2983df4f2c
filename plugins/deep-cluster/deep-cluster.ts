import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { evaluating, Network } from '../../core/autodiff/index.js';
import type { Variables } from '../../core/autodiff/index.js';
import { Generator } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import { blockHead, Dataset, Model, oneHotLabels, Psi, Random, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryHead, AuxiliaryLabels, Batch, Labels } from '../../core/stages/index.js';
import { evaluationBatch } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import { groupsOf } from '../autoencoder-kmeans/groups.js';
import type { Group } from '../autoencoder-kmeans/groups.js';
import { kMeans } from '../autoencoder-kmeans/k-means.js';
import { keepIdentity } from './keep-identity.js';
import { unitRows } from './unit-rows.js';

export const DeepClusterConfig = z.strictObject({
  psi: Psi,
  scope: z
    .enum(['per-primary', 'global'])
    .default('per-primary')
    .describe('per-primary: psi clusters of each primary class; global: as many altogether, of all samples'),
  every: z.int().min(1).default(1).describe('epochs from one clustering to the next'),
  restarts: z.int().min(1).default(1).describe('clusterings each time, to choose the tightest of'),
});

/**
 * Auxiliary labels from the main network itself: the trunk's features of all training samples are clustered anew each so
 * many epochs, and the clusters are the classes (Caron et al. 2018, "Deep Clustering for Unsupervised Learning of Visual
 * Features", section 3). New clusters keep the numbers of the old ones that they share most samples with. Until the first
 * clustering, which the first training step after an `epochStart` makes, each sample has a random class of its group.
 */
@injectable()
export class DeepCluster implements AuxiliaryLabels {
  readonly head: AuxiliaryHead;
  private readonly groups: readonly Group[];
  private readonly trunk: Network;
  private labels: Int32Array;
  /** The epoch whose first step made the labels; 0 for random ones. */
  private madeIn = 0;
  /** The epoch whose first step is to make new ones. */
  private dueIn: number | undefined;

  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof DeepClusterConfig>,
    @inject(Dataset) private readonly dataset: Dataset,
    @inject(Model) model: Model,
    @inject(Random) private readonly random: Random,
  ) {
    const { psi, ...head } = blockHead(config.psi, dataset);
    this.head = config.scope === 'global' ? head : { ...head, psi };
    this.groups = groupsOf(dataset, this.head);
    this.trunk = new Network(model.trunk(dataset.inputShape), {}, dataset.inputShape);
    const generator = Generator.for(random.seed, 'labels/deep-cluster/first');
    this.labels = new Int32Array(dataset.train.size);
    for (const { samples, start, clusters } of this.groups)
      for (const n of samples) this.labels[n] = start + generator.integer(clusters);
  }

  epochStart(epoch: number): void {
    const due = (epoch - 1) % this.config.every === 0 && epoch !== this.madeIn;
    this.dueIn = due ? epoch : undefined;
  }

  /** One-hot labels `[batch, outputs]` float32; owned by the caller. */
  for({ indices }: Batch, _: Learner | undefined, theta1?: Learner): Labels {
    if (this.dueIn !== undefined && theta1) {
      this.labels = this.cluster(theta1.variables, this.dueIn);
      this.madeIn = this.dueIn;
      this.dueIn = undefined;
    }
    const classes = indices.map((index) => this.labels[index]!);
    return oneHotLabels(classes, this.head.outputs);
  }

  snapshot() {
    const { labels, madeIn, dueIn } = this;
    return { tensors: {}, values: { labels: [...labels], madeIn, dueIn } };
  }

  /** @throws DataError where the snapshot is of another training split or head */
  restore({ values }: { readonly values: unknown }): void {
    const { size } = this.dataset.train;
    const { outputs } = this.head;
    const epoch = z.int().min(0);
    const kept = z.object({
      labels: z.array(z.int().min(0).lt(outputs)).length(size),
      madeIn: epoch,
      dueIn: epoch.optional(),
    });
    const found = kept.safeParse(values);
    if (!found.success) {
      throw new DataError(
        'checkpoint/labels',
        `the labels kept by deep-cluster are not ${size} classes below ${outputs} with the epoch they were made in`,
        { hint: 'resume with the dataset and psi of the run that was stopped', cause: found.error },
      );
    }
    this.labels = Int32Array.from(found.data.labels);
    this.madeIn = found.data.madeIn;
    this.dueIn = found.data.dueIn;
  }

  /** New labels of all training samples, with a generator of the epoch's own. */
  private cluster(theta1: Variables, epoch: number): Int32Array {
    const generator = Generator.for(this.random.seed, `labels/deep-cluster/${epoch}`);
    const labels = new Int32Array(this.dataset.train.size);
    for (const { samples, start, clusters } of this.groups) {
      const points = this.features(theta1, samples);
      const tries = Array.from({ length: this.config.restarts }, () => kMeans(points, clusters, generator));
      const { labels: found } = tries.reduce((best, other) => (other.inertia < best.inertia ? other : best));
      const before = samples.map((n) => this.labels[n]! - start);
      const named = this.madeIn === 0 ? found : keepIdentity(before, found, clusters);
      for (const [i, n] of samples.entries()) labels[n] = start + named[i]!;
    }
    return labels;
  }

  /** The trunk's features of some training samples as they are, by running statistics, each row of length 1. */
  private features(theta1: Variables, samples: Int32Array): { readonly values: Float32Array; readonly width: number } {
    const { train } = this.dataset;
    const batch = evaluationBatch(this.dataset);
    let values = new Float32Array();
    for (let start = 0; start < samples.length; start += batch) {
      using inputs = train.inputs(samples.slice(start, start + batch));
      using features = this.trunk.features(theta1, inputs, evaluating);
      const rows = features.dataSync<'float32'>();
      if (start === 0) values = new Float32Array(samples.length * features.shape[1]);
      values.set(rows, start * features.shape[1]);
    }
    return unitRows(values, values.length / samples.length);
  }
}
