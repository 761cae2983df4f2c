import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tf } from '../../core/engine/index.js';
import type { Summary } from '../../core/events/index.js';
import type { NumberEvaluation } from '../../core/trained/index.js';
import { Folder } from '../config/folder.js';
import { command } from '../trained/pictures.js';

const folder = new Folder();
const auxflow = (...argv: string[]) => command(folder, ...argv);
const json = async <T>(...argv: string[]): Promise<T> => {
  const { code, stdout, stderr } = await auxflow(...argv, '--json');
  if (code !== 0) throw new Error(stdout + stderr);
  return JSON.parse(stdout) as T;
};
const run = (name: string) => join(folder.path, 'runs', name, '001');

/** Prices that rise with the area and jump with the third room. */
const rows = Array.from({ length: 60 }, (_, n) => {
  const [rooms, area] = [1 + (n % 4), 20 + ((n * 37) % 80)];
  return { rooms, area, price: 1000 + 10 * area + (rooms > 2 ? 400 : 0) };
});
const test = rows.slice(40);
const lines = (all: typeof rows) => all.map(({ rooms, area, price }) => `${rooms},${area},${price}\n`).join('');
let tensors = 0;
let trained = '';

beforeAll(async () => {
  folder.write('train.csv', `rooms,area,price\n${lines(rows.slice(0, 40))}`);
  folder.write('test.csv', `rooms,area,price\n${lines(test)}`);
  folder.write('new.csv', `area,rooms\n${test.map(({ rooms, area }) => `${area},${rooms}\n`).join('')}`);
  folder.write(
    'prices.yaml',
    `name: prices
dataset: { use: csv, trainFile: train.csv, testFile: test.csv, target: price, validation: 10, batch: 10 }
model: { use: mlp, hidden: [12] }
optimizer: { use: adam, learningRate: 0.03 }
auxiliary: { use: maxl, psi: 3 }
metaStep: { use: meta-gradient, optimizer: { use: adam, learningRate: 0.01 } }
evaluation: { select: validation }
epochs: 30
`,
  );
  tensors = tf.memory().numTensors;
  const { code, stdout, stderr } = await auxflow('run', 'prices.yaml');
  if (code !== 0) throw new Error(stderr);
  trained = stdout + stderr;
}, 240_000);
afterAll(() => {
  folder[Symbol.dispose]();
  expect(tf.memory().numTensors).toBe(tensors);
});

describe('a regression at the command line', () => {
  it('is told by R2 and RMSE', () => {
    expect(trained).toMatch(/epoch 30\/30 .* R² +-?\d\.\d{3} +validation +-?\d\.\d{3} /);
    expect(trained).toMatch(/finished {2}test R² \d\.\d{3} {2}RMSE \d+(\.\d+)? {2}loss/);
    expect(trained).toMatch(/strategy +test R² +loss/);
    expect(trained).not.toContain('ccuracy');
    const [header] = readFileSync(join(run('prices'), 'metrics.csv'), 'utf8').split('\n');
    expect(header!.split(',')).toEqual(expect.arrayContaining(['primaryR2', 'validationR2']));
  });

  it("is evaluated to the run's own numbers", async () => {
    const summary = JSON.parse(readFileSync(join(run('prices'), 'summary.json'), 'utf8')) as Summary;
    const found = await json<NumberEvaluation>('evaluate', 'prices/001');
    const { primaryR2, primaryRmse, primaryLoss } = summary.test;
    expect(found).toMatchObject({ samples: 20, target: 'price', r2: primaryR2, rmse: primaryRmse, loss: primaryLoss });
    expect(found.r2).toBeGreaterThan(0.5);
    const { stdout } = await auxflow('evaluate', 'prices/001', '--weights', 'selected');
    expect(stdout).toMatch(/^test: R² \d\.\d{4}, loss \d\.\d{4}, 20 samples\nprice: RMSE [\d.]+, MAE [\d.]+\n$/);
  });

  it('predicts numbers in the units of the target, of which evaluation follows', async () => {
    const { target, predictions } = await json<{ target: string; predictions: { sample: string; value: number }[] }>(
      'predict',
      'prices/001',
      'new.csv',
    );
    expect(target).toBe('price');
    const errors = predictions.map(({ value }, n) => Math.abs(value - test[n]!.price));
    const { mae, rmse } = await json<NumberEvaluation>('evaluate', 'prices/001');
    expect(errors.reduce((sum, error) => sum + error, 0) / 20).toBeCloseTo(mae, 1);
    expect(Math.sqrt(errors.reduce((sum, error) => sum + error ** 2, 0) / 20)).toBeCloseTo(rmse, 1);
    const { stdout } = await auxflow('predict', 'prices/001', 'new.csv');
    expect(stdout).toMatch(/^sample,price\nnew\.csv:2,\d+(\.\d+)?\n/);
  });

  it('is exported with what its outputs stand for', async () => {
    const { files } = await json<{ files: string[] }>('export', 'prices/001', '--format', 'tfjs', '--out', 'exported');
    const model = JSON.parse(
      readFileSync(
        files.find((file) => file.endsWith('model.json'))!,
        'utf8',
      ),
    ) as {
      userDefinedMetadata: { auxflow: { target: { name: string; mean: number } } };
    };
    expect(model.userDefinedMetadata.auxflow.target).toMatchObject({ name: 'price' });
    expect(model.userDefinedMetadata.auxflow).not.toHaveProperty('classes');
  });

  it('lists the labels of one block beside the values', async () => {
    const { stdout } = await auxflow('labels', 'prices/001');
    const [header, first] = stdout.split('\n');
    expect(header).toBe('index,primary,auxiliary,p0,p1,p2');
    expect(rows.map(({ price }) => price)).toContain(Math.round(Number(first!.split(',')[1])));
  });

  it('is reported by R2', async () => {
    await json('report', 'runs/prices', '--out', 'report.html');
    expect(existsSync(join(folder.path, 'report.html'))).toBe(true);
    const html = readFileSync(join(folder.path, 'report.html'), 'utf8');
    expect(html).toMatch(/reaches a test R² of \d\.\d{4}/);
    expect(html).toContain('Validation R²');
    expect(html).not.toMatch(/accuracy/i);
  });
});
