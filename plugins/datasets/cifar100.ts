import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dataFolder, grouping, hierarchy, inMemoryDataset } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { classes, groupings } from './cifar100-classes.js';
import { imageShape, readCifar } from './cifar-records.js';
import { findFiles } from './find-files.js';

const base = { name: 'class', classes };
/** The levels that the files have labels of, in the order of their bytes. */
const { superclass, class: fine } = hierarchy(base, { superclass: groupings.superclass });
const labelled = [superclass!, fine!];

/** Keys of the `cifar100` stage. */
export const Cifar100Config = z.strictObject({
  ...datasetOptions,
  path: path().describe('folder of train.bin and test.bin').optional(),
  partial: z.boolean().default(false).describe('take files of fewer or more records than the published ones'),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of classes by name'),
});

/**
 * CIFAR-100: 50,000 training and 10,000 test photographs, `[32, 32, 3]` in [0, 1]; levels domain (3), group (10),
 * superclass (20) and class (100).
 */
@injectable()
export class Cifar100 implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof Cifar100Config>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, partial, levels, ...options } = this.config;
    const [train, test] = findFiles({
      name: 'cifar100',
      path: folder,
      places: [dataFolder('cifar100')],
      inside: 'cifar-100-binary',
      files: [['train.bin'], ['test.bin']],
      ways: 'run `auxflow data fetch cifar100`',
    });
    return inMemoryDataset({
      name: 'cifar100',
      inputShape: imageShape,
      levels: hierarchy(base, { ...groupings, ...levels }, options.primary),
      primary: base.name,
      train: await readCifar([train!], labelled, partial ? undefined : 50_000),
      test: await readCifar([test!], labelled, partial ? undefined : 10_000),
      scale: 1 / 255,
      options,
      random: this.random,
    });
  }
}
