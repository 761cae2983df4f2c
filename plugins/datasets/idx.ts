import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { type Grouping, grouping } from '../../core/datasets/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { idxDataset } from './idx-dataset.js';

/** Keys of the `idx` stage. */
export const IdxConfig = z.strictObject({
  ...datasetOptions,
  trainImages: path().describe('IDX file of the training inputs, gzipped or not'),
  trainLabels: path().describe('IDX file of the training labels'),
  testImages: path().describe('IDX file of the test inputs'),
  testLabels: path().describe('IDX file of the test labels'),
  levels: z
    .record(z.string(), z.union([z.array(z.union([z.string(), z.number()])).min(1), grouping]))
    .default({})
    .describe('label levels: a list names the classes of the label files, a map groups them into coarser ones'),
  scale: z.number().describe('multiplies every input; 1/255 for bytes and 1 for other types by default').optional(),
});

/** Any data set in the four IDX files that MNIST and its relatives come in. */
@injectable()
export class Idx implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: z.output<typeof IdxConfig>,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { levels, scale, trainImages, trainLabels, testImages, testLabels, ...options } = this.config;
    return idxDataset({
      name: 'idx',
      files: { trainImages, trainLabels, testImages, testLabels },
      ...splitLevels(levels),
      scale,
      options,
      random: this.random,
    });
  }
}

/** Tells the one level that lists class names from those that group them. */
function splitLevels(levels: z.output<typeof IdxConfig>['levels']) {
  const lists: { name: string; classes: readonly string[] }[] = [];
  const groupings: Record<string, Grouping> = {};
  for (const [name, level] of Object.entries(levels)) {
    if (Array.isArray(level)) lists.push({ name, classes: level.map(String) });
    else groupings[name] = level;
  }
  const [base = { name: 'class' }, second] = lists;
  if (second)
    throw ConfigError.of(
      'config/two-base-levels',
      ['dataset', 'levels', second.name],
      `lists class names, but "${base.name}" already does`,
      `A label file has one level; group its classes under the others: { ${second.name}: { group: [0, 1] } }.`,
    );
  return { base, groupings };
}
