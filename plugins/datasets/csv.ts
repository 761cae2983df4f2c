import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { inMemoryDataset, splitInProportion } from '../../core/datasets/index.js';
import { Generator } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { path } from '../../core/plugins/index.js';
import { type Dataset, datasetOptions, type DatasetSource, Random, StageConfig } from '../../core/stages/index.js';
import { chooseColumns, type CsvColumns } from './csv-columns.js';
import { readCsv } from './csv-file.js';
import { fillMissing, standardise } from './csv-fit.js';
import { LevelColumns } from './csv-levels.js';
import { csvReader } from './csv-reader.js';
import { type CsvSamples, csvSamples } from './csv-samples.js';

const names = z.array(z.string());

/** Keys of the `csv` stage. */
export const CsvConfig = z.strictObject({
  ...datasetOptions,
  file: path().describe('file with a header, split into training and test rows').optional(),
  trainFile: path().describe('file of the training rows, instead of `file`').optional(),
  testFile: path().describe('file of the test rows').optional(),
  testFraction: z.number().gt(0).lt(1).describe('share of `file` to test on, 0.2 by default').optional(),
  separator: z
    .string()
    .length(1)
    .regex(/^[^"\r\n]$/, 'expected a character that ends no line and is no quote')
    .describe('between fields; a tab for .tsv and .tab, else a comma by default')
    .optional(),
  target: z.string().describe('column of numbers to predict: the primary task is a regression then').optional(),
  levels: names.min(1).describe('label columns from coarse to fine').optional(),
  features: names.min(1).describe('columns of numbers to learn from; all others by default').optional(),
  ignore: names.default([]).describe('columns that are neither'),
  missing: z.enum(['refuse', 'mean']).default('refuse').describe('what a missing feature becomes'),
  standardise: z.boolean().default(true).describe('centre and scale each feature by the training samples'),
});
type Config = z.output<typeof CsvConfig>;

/** Rows of numbers with label columns, or a number to predict, from CSV or TSV files; inputs are `[features]`. */
@injectable()
export class Csv implements DatasetSource {
  constructor(
    @inject(StageConfig) private readonly config: Config,
    @inject(Random) private readonly random: Random,
  ) {}

  async load(): Promise<Dataset> {
    const { config, random } = this;
    const files = chooseFiles(config);
    const file = await readCsv(files.train, config.separator);
    const columns = chooseColumns(file, config);
    const collected = new LevelColumns(columns.levels);
    const read = (from: typeof file) => csvSamples(from, columns, collected, config.missing === 'mean');

    let train = read(file);
    let test: CsvSamples;
    if (files.test === undefined) {
      [train, test] = split(train, columns, files, random);
    } else {
      collected.close();
      test = read(await readCsv(files.test, config.separator));
    }
    const { levels, classesOf } = collected.finish();
    const samples = ({ inputs, labels, targets }: CsvSamples) => ({
      inputs,
      ...(targets && { targets }),
      labels: Object.fromEntries(
        Object.entries(labels).map(([name, numbers]) => [name, numbers.map((number) => classesOf[name]![number]!)]),
      ),
    });
    const features = { names: columns.features, train: train.inputs, test: test.inputs };
    let drawn: Float64Array = new Float64Array();
    const dataset = inMemoryDataset({
      name: 'csv',
      inputShape: [columns.features.length],
      levels,
      primary: columns.target ?? columns.levels.at(-1)!,
      target: columns.target,
      train: samples(train),
      test: samples(test),
      fit(positions) {
        drawn = rowsAt(train.inputs, columns.features.length, positions);
        if (config.missing === 'mean') fillMissing(features, positions);
        if (config.standardise) standardise(features, positions);
      },
      options: config,
      random,
    });
    return { ...dataset, ...csvReader({ ...config, names: columns.features, train: drawn }) };
  }
}

interface Files {
  readonly train: string;
  /** Absent: test rows are split off `train`. */
  readonly test?: string;
  readonly testFraction: number;
}

function chooseFiles({ file, trainFile, testFile, testFraction }: Config): Files {
  const fault = (key: string, message: string) => ConfigError.of('config/csv-files', ['dataset', key], message);
  const way = 'give `file` alone, or both `trainFile` and `testFile`';
  if (file !== undefined) {
    if (trainFile ?? testFile) throw fault('file', `stands beside files that are split already; ${way}`);
    return { train: file, testFraction: testFraction ?? 0.2 };
  }
  if (trainFile === undefined) throw fault('file', `missing; ${way}`);
  if (testFile === undefined) throw fault('testFile', `missing; ${way}`);
  if (testFraction !== undefined) throw fault('testFraction', 'has nothing to split; test rows are in `testFile`');
  return { train: trainFile, test: testFile, testFraction: 0 };
}

/** Training and test rows, each with the finest classes in their own proportions, where there are any. */
function split(
  { inputs, labels, targets }: CsvSamples,
  { features: { length: width }, levels }: CsvColumns,
  { train, testFraction }: Files,
  random: Random,
) {
  const rows = inputs.length / width;
  const classes = labels[levels.at(-1) ?? ''] ?? new Int32Array(rows);
  if (rows < 2) throw new DataError('data/too-few-rows', `${train}: one row can't be both trained and tested on`);
  const size = Math.min(rows - 1, Math.max(1, Math.round(rows * testFraction)));
  const generator = Generator.for(random.seed, 'subset/test');
  const parts = splitInProportion(
    classes,
    classes.reduce((largest, label) => Math.max(largest, label), 0) + 1,
    size,
    generator,
  );
  return parts.map((positions): CsvSamples => {
    return {
      inputs: rowsAt(inputs, width, positions),
      labels: Object.fromEntries(
        Object.entries(labels).map(([name, numbers]) => [name, positions.map((position) => numbers[position]!)]),
      ),
      ...(targets && { targets: rowsAt(targets, 1, positions) }),
    };
  }) as [CsvSamples, CsvSamples];
}

function rowsAt(values: Float64Array, width: number, positions: Int32Array): Float64Array {
  const chosen = new Float64Array(positions.length * width);
  for (const [row, position] of positions.entries())
    chosen.set(values.subarray(position * width, (position + 1) * width), row * width);
  return chosen;
}
