import { afterAll, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { Random, tf } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import type { SampleReader } from '../../core/trained/index.js';
import { Csv, CsvConfig } from '../../plugins/datasets/csv.js';
import { Folder } from '../config/folder.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const rows = Array.from({ length: 20 }, (_, i) => [i % 7 === 3 ? '' : i * i, 3 - i, i % 2 === 0 ? 'a' : 'b'].join(','));
folder.write('train.csv', ['x,y,class', ...rows.slice(0, 14)].join('\n'));
folder.write('test.csv', ['x,y,class', ...rows.slice(14)].join('\n'));
folder.write(
  'unlabelled.csv',
  [
    'y,note,x',
    ...rows
      .slice(14)
      .map((row) => row.split(','))
      .map(([x, y]) => `${y},n,${x}`),
  ].join('\n'),
);

const load = async (options: object) => {
  const config = CsvConfig.parse({
    trainFile: join(folder.path, 'train.csv'),
    testFile: join(folder.path, 'test.csv'),
    missing: 'mean',
    ...options,
  });
  const dataset = await new Csv(config, new Random(1)).load();
  return { dataset, reader: dataset as unknown as SampleReader };
};

it.each([{}, { standardise: false }, { train: 9, validation: 3 }])(
  'rows of other files are read as its own, %o',
  async (options) => {
    const { dataset, reader } = await load(options);
    const before = tf.memory().numTensors;
    const { inputs, names } = await reader.readSamples(join(folder.path, 'unlabelled.csv'), 'new.csv');
    using own = dataset.test.inputs(Int32Array.from({ length: 6 }, (_, i) => i));
    expect([...inputs.dataSync()]).toEqual([...own.dataSync()]);
    expect(names).toEqual(['new.csv:2', 'new.csv:3', 'new.csv:4', 'new.csv:5', 'new.csv:6', 'new.csv:7']);
    expect(tf.memory().numTensors).toBe(before + 2);
    inputs.dispose();
  },
);

it('other columns are refused', async () => {
  const { reader } = await load({});
  const file = folder.write('other.csv', 'x,z\n1,2\n');
  await expect(reader.readSamples(file, 'other.csv')).rejects.toThrow(DataError);
});
