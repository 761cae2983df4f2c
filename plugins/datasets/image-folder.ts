import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { path } from '../../core/plugins/index.js';
import { type Dataset, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { imageFolderDataset, imageFolderKeys } from './image-folder-dataset.js';

/** Keys of the `image-folder` stage. */
export const ImageFolderConfig = z.strictObject({
  ...imageFolderKeys,
  path: path().describe(
    'folder of the splits: split/class/image.png, with as many nested class folders as there are levels',
  ),
});

/** Images in folders that are named like their classes, `[size, size, channels]` in [0, 1]. */
@injectable()
export class ImageFolder implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof ImageFolderConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: root, ...options } = this.config;
    return imageFolderDataset('image-folder', root, options, this.random);
  }
}
