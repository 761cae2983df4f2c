import { dirname } from 'node:path';
import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dataFolder } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { findFiles } from './find-files.js';
import { imageFolderDataset, imageFolderKeys } from './image-folder-dataset.js';

/** Keys of the `cinic10` stage. */
export const Cinic10Config = z.strictObject({
  ...imageFolderKeys,
  path: path().describe('folder of train, valid and test').optional(),
});

/** CINIC-10: 90,000 images each to train, validate and test on, of CIFAR-10's classes, `[32, 32, 3]` in [0, 1]; level class (10). */
@injectable()
export class Cinic10 implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof Cinic10Config>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, ...options } = this.config;
    const [train] = findFiles({
      name: 'cinic10',
      path: folder,
      places: [dataFolder('cinic10')],
      inside: 'CINIC-10',
      files: [['train'], ['valid'], ['test']],
      ways: 'run `auxflow data fetch cinic10`',
    });
    return imageFolderDataset('cinic10', dirname(train!), options, this.random);
  }
}
