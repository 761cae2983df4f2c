import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dataFolder, grouping, hierarchy, inMemoryDataset } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { findFiles } from './find-files.js';
import { readSvhn } from './svhn-samples.js';

const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];

/** Keys of the `svhn` stage. */
export const SvhnConfig = z.strictObject({
  ...datasetOptions,
  path: path().describe('folder of train_32x32.mat and test_32x32.mat').optional(),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of digits by name'),
});

/** SVHN: 73,257 training and 26,032 test photographs of house numbers, `[32, 32, 3]` in [0, 1]; level digit. */
@injectable()
export class Svhn implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof SvhnConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, levels, ...options } = this.config;
    const [train, test] = findFiles({
      name: 'svhn',
      path: folder,
      places: [dataFolder('svhn')],
      files: [['train_32x32.mat'], ['test_32x32.mat']],
      ways: 'run `auxflow data fetch svhn`',
    });
    const base = { name: 'digit', classes: digits };
    return inMemoryDataset({
      name: 'svhn',
      inputShape: [32, 32, 3],
      levels: hierarchy(base, levels, options.primary),
      primary: base.name,
      train: await readSvhn(train!),
      test: await readSvhn(test!),
      scale: 1 / 255,
      options,
      random: this.random,
    });
  }
}
