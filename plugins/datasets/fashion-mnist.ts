import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { dataFolder, grouping } from '../../core/datasets/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { idxDataset } from './idx-dataset.js';
import { mnistFiles } from './mnist-files.js';
import { debianFashionMnist } from './sources.js';

const articles = ['t-shirt', 'trouser', 'pullover', 'dress', 'coat', 'sandal', 'shirt', 'sneaker', 'bag', 'ankle-boot'];

/** The tree of Seo and Shin, "Hierarchical convolutional neural networks for fashion image classification" (2019). */
const groups = {
  tops: ['t-shirt', 'pullover', 'shirt'],
  bottoms: ['trouser'],
  dresses: ['dress'],
  outers: ['coat'],
  accessories: ['bag'],
  shoes: ['sandal', 'sneaker', 'ankle-boot'],
};
const domains = {
  clothes: [...groups.tops, ...groups.bottoms, ...groups.dresses, ...groups.outers],
  goods: [...groups.accessories, ...groups.shoes],
};

/** Keys of the `fashion-mnist` stage. */
export const FashionMnistConfig = z.strictObject({
  ...datasetOptions,
  path: path()
    .describe('folder of the four files; by default that of the Debian package or of `data fetch`')
    .optional(),
  levels: z.record(z.string(), grouping).default({}).describe('more label levels: groups of articles by name'),
});

/**
 * Fashion-MNIST: 60,000 training and 10,000 test images of clothing, `[28, 28, 1]` in [0, 1]; levels domain (2), group (6) and
 * article (10).
 */
@injectable()
export class FashionMnist implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof FashionMnistConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, levels, ...options } = this.config;
    return idxDataset({
      name: 'fashion-mnist',
      files: mnistFiles({
        name: 'fashion-mnist',
        path: folder,
        places: [debianFashionMnist, dataFolder('fashion-mnist')],
        ways: 'run `auxflow data fetch fashion-mnist` or, on Debian, `apt install dataset-fashion-mnist`',
      }),
      base: { name: 'article', classes: articles },
      groupings: { domain: domains, group: groups, ...levels },
      options,
      random: this.random,
    });
  }
}
