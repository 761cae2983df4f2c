import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { DataError } from '../../core/errors/index.js';
import { nested } from '../../core/plugins/index.js';
import { blockHead, Dataset, oneHotLabels, Psi, Random, StageConfig } from '../../core/stages/index.js';
import type { AuxiliaryHead, AuxiliaryLabels, Batch, Labels, PrepareProgress } from '../../core/stages/index.js';
import { Autoencoder } from './autoencoder.js';
import { groupsOf } from './groups.js';
import type { Group } from './groups.js';
import { kMeans } from './k-means.js';
import type { Points } from './k-means.js';
import { coding } from './layers.js';

export const AutoencoderKMeansConfig = z.strictObject({
  psi: Psi,
  scope: z
    .enum(['per-primary', 'global'])
    .default('per-primary')
    .describe('per-primary: psi clusters of each primary class; global: as many altogether, of all samples'),
  latent: z.int().min(1).default(32).describe('numbers that an input is squeezed into'),
  channels: z.int().min(1).default(16).describe('width of the first convolution; the second is twice as wide'),
  hidden: z.int().min(1).default(128).describe('units of the hidden layers, for inputs that are no images'),
  epochs: z.int().min(1).default(20).describe('epochs that the autoencoder is trained for'),
  batch: z.int().min(1).default(50).describe('samples per step of the autoencoder'),
  optimizer: nested('optimizer')
    .prefault({ use: 'adam', learningRate: 0.001 })
    .describe("the autoencoder's optimizer; adam at 0.001 by default"),
  restarts: z.int().min(1).default(3).describe('clusterings to choose the tightest of'),
});

/** Fixed auxiliary labels from clusters of the inputs, by K-Means on the latent vectors of an autoencoder. */
@injectable()
export class AutoencoderKMeans implements AuxiliaryLabels {
  readonly head: AuxiliaryHead;
  private readonly groups: readonly Group[];
  private labels: Int32Array | undefined;

  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof AutoencoderKMeansConfig>,
    @inject(Dataset) private readonly dataset: Dataset,
    @inject(Random) private readonly random: Random,
  ) {
    const { psi, ...head } = blockHead(config.psi, dataset);
    const global = config.scope === 'global';
    this.head = global ? head : { ...head, psi };
    this.groups = groupsOf(dataset, this.head);
  }

  *prepare(): Iterable<PrepareProgress> {
    if (this.labels) return;
    const { train, inputShape } = this.dataset;
    const { epochs, batch, latent, restarts, optimizer } = this.config;
    const steps = Math.ceil(train.size / batch);
    const total = steps * (epochs + 1) + this.groups.length * restarts;
    let done = 0;
    const progress = (metrics?: Record<string, number>): PrepareProgress => ({
      fraction: ++done / total,
      ...(metrics && { metrics }),
    });

    const random = this.random.for('labels/autoencoder');
    using autoencoder = new Autoencoder(coding(inputShape, this.config), inputShape, optimizer, random);
    for (let epoch = 0; epoch < epochs; epoch++) {
      const order = random.permutation(train.size);
      for (let step = 0; step < steps; step++) {
        using inputs = train.inputs(order.slice(step * batch, (step + 1) * batch));
        const position = { epoch: epoch + step / steps, epochs, pass: 'autoencoder', step: step + 1 };
        const reconstructionLoss = autoencoder.step(inputs, position);
        yield progress({ epoch: epoch + 1, reconstructionLoss });
      }
    }

    const values = new Float32Array(train.size * latent);
    const inOrder = Int32Array.from({ length: train.size }, (_, n) => n);
    for (let start = 0; start < train.size; start += batch) {
      using inputs = train.inputs(inOrder.slice(start, start + batch));
      values.set(autoencoder.encode(inputs), start * latent);
      yield progress();
    }

    const labels = new Int32Array(train.size);
    const generator = this.random.for('labels/k-means');
    for (const { samples, start, clusters } of this.groups) {
      const points = rows({ values, width: latent }, samples);
      let tightest = Infinity;
      for (let restart = 0; restart < restarts; restart++) {
        const { labels: found, inertia } = kMeans(points, clusters, generator);
        if (inertia < tightest) for (const [i, n] of samples.entries()) labels[n] = start + found[i]!;
        tightest = Math.min(tightest, inertia);
        yield progress();
      }
    }
    this.labels = labels;
  }

  /** One-hot labels `[batch, outputs]` float32; owned by the caller. */
  for({ indices }: Batch): Labels {
    const { labels } = this;
    if (!labels) throw new Error('autoencoder-kmeans has no labels before prepare()');
    const classes = indices.map((index) => labels[index]!);
    return oneHotLabels(classes, this.head.outputs);
  }

  snapshot() {
    return { tensors: {}, values: { labels: this.labels && [...this.labels] } };
  }

  /** @throws DataError where the snapshot is of another training split or head */
  restore({ values }: { readonly values: unknown }): void {
    const { size } = this.dataset.train;
    const label = z.int().min(0).lt(this.head.outputs);
    const found = z.object({ labels: z.array(label).length(size).optional() }).safeParse(values);
    if (!found.success) {
      throw new DataError(
        'checkpoint/labels',
        `the labels kept by autoencoder-kmeans are not ${size} classes below ${this.head.outputs}`,
        { hint: 'resume with the dataset and psi of the run that was stopped', cause: found.error },
      );
    }
    const { labels } = found.data;
    this.labels = labels && Int32Array.from(labels);
  }
}

const rows = ({ values, width }: Points, samples: Int32Array): Points => {
  const chosen = new Float32Array(samples.length * width);
  for (const [i, n] of samples.entries()) chosen.set(values.subarray(n * width, (n + 1) * width), i * width);
  return { values: chosen, width };
};
