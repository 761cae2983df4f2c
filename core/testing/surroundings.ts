import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { inMemoryDataset } from '../datasets/index.js';
import { Generator } from '../engine/index.js';
import { definePlugin, stage } from '../plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Loss, Model, Random, StageConfig } from '../stages/index.js';
import type { Observer } from '../stages/index.js';

const SamplesConfig = z.strictObject({
  ...datasetOptions,
  shape: z.array(z.int().min(1)).default([12, 12, 1]).describe('of one input'),
});

function noisySamples(shape: readonly number[], count: number, part: string) {
  const size = shape.reduce((product, dimension) => product * dimension, 1);
  const random = Generator.for(1, `testing/${part}`);
  const labels = Int32Array.from({ length: count }, (_, n) => n % 6);
  const inputs = Float32Array.from(
    { length: count * size },
    (_, i) => random.uniform() + (Math.floor(i / size) % 6) / 6,
  );
  return { inputs, labels: { class: labels } };
}

/** Noise that is brighter the later the class: 36 training and 12 test samples of six classes, two of each of three kinds. */
@injectable()
class Samples implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof SamplesConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { shape } = this.config;
    const kinds = ['dark', 'grey', 'bright'];
    return inMemoryDataset({
      name: 'testing-samples',
      inputShape: shape,
      levels: {
        kind: { name: 'kind', classes: kinds },
        class: {
          name: 'class',
          classes: kinds.flatMap((kind) => [`${kind} 1`, `${kind} 2`]),
          parent: { level: 'kind', of: [0, 0, 1, 1, 2, 2] },
        },
      },
      primary: 'kind',
      train: noisySamples(shape, 36, 'train'),
      test: noisySamples(shape, 12, 'test'),
      options: this.config,
      random: this.random,
    });
  }
}

const numbersTarget = 'brightness';

/** The same noise, with a number to predict instead of classes: how bright it is. */
@injectable()
class Numbers implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof SamplesConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const numbers = (count: number, part: string) => {
      const { inputs, labels } = noisySamples(this.config.shape, count, part);
      return { inputs, labels: {}, targets: labels.class.map((brightness) => 10 + 2 * brightness) };
    };
    return inMemoryDataset({
      name: 'testing-numbers',
      inputShape: this.config.shape,
      levels: {},
      primary: numbersTarget,
      target: numbersTarget,
      train: numbers(36, 'train'),
      test: numbers(12, 'test'),
      options: this.config,
      random: this.random,
    });
  }
}

/** Stands among the observers of a composed pipeline to show stages that the composition keeps to itself. */
@injectable()
export class Probe implements Observer {
  readonly name = 'testing-probe';

  constructor(
    @inject(Model) readonly model: Model,
    @inject(Loss) readonly loss: Loss,
  ) {}

  async observe(): Promise<void> {}
}

/** What the suites put around a stage. */
export const surroundings = definePlugin({
  name: 'testing',
  apiVersion: 1,
  stages: {
    dataset: [
      stage('testing-samples', 'small noise of six brightnesses', SamplesConfig, Samples),
      stage('testing-numbers', 'the same noise, whose brightness is a number', SamplesConfig, Numbers, () => ({
        loss: { use: 'mean-squared-error' },
        auxiliaryLoss: { use: 'cross-entropy' },
      })),
    ],
    observer: [stage('testing-probe', 'shows stages to a test', z.strictObject({}), Probe)],
  },
});
