import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dataFolder, grouping, hierarchy, inMemoryDataset } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { imageShape, readCifar } from './cifar-records.js';
import { findFiles } from './find-files.js';

const classes = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];
const kinds = {
  animal: ['bird', 'cat', 'deer', 'dog', 'frog', 'horse'],
  vehicle: ['airplane', 'automobile', 'ship', 'truck'],
};
const files = [1, 2, 3, 4, 5].map((batch) => [`data_batch_${batch}.bin`]).concat([['test_batch.bin']]);

/** Keys of the `cifar10` stage. */
export const Cifar10Config = z.strictObject({
  ...datasetOptions,
  path: path().describe('folder of data_batch_1.bin to data_batch_5.bin and test_batch.bin').optional(),
  partial: z.boolean().default(false).describe('take files of fewer or more records than the published ones'),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of classes by name'),
});

/** CIFAR-10: 50,000 training and 10,000 test photographs, `[32, 32, 3]` in [0, 1]; levels kind (animal, vehicle) and class (10). */
@injectable()
export class Cifar10 implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof Cifar10Config>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, partial, levels, ...options } = this.config;
    const found = findFiles({
      name: 'cifar10',
      path: folder,
      places: [dataFolder('cifar10')],
      inside: 'cifar-10-batches-bin',
      files,
      ways: 'run `auxflow data fetch cifar10`',
    });
    const base = { name: 'class', classes };
    const published = partial ? undefined : 10_000;
    return inMemoryDataset({
      name: 'cifar10',
      inputShape: imageShape,
      levels: hierarchy(base, { kind: kinds, ...levels }, options.primary),
      primary: base.name,
      train: await readCifar(found.slice(0, -1), [base], published),
      test: await readCifar(found.slice(-1), [base], published),
      scale: 1 / 255,
      options,
      random: this.random,
    });
  }
}
