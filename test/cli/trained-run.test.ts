import { execFileSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { asyncBufferFromFile, parquetReadObjects } from 'hyparquet';
import sharp from 'sharp';
import { partOf, readCheckpoint, readSafetensors, writeSafetensors } from '../../core/checkpoint/index.js';
import { tf } from '../../core/engine/index.js';
import type { Summary } from '../../core/events/index.js';
import { recordAt } from '../../core/runs/index.js';
import type { ClassEvaluation } from '../../core/trained/index.js';
import { Folder } from '../config/folder.js';
import { command, drawPictures, inputsOf, sizes, train } from '../trained/pictures.js';

const folder = new Folder();
const at = (...path: string[]): string => join(folder.path, ...path);
const auxflow = (...argv: string[]) => command(folder, ...argv);
const json = async <T>(...argv: string[]): Promise<T> => {
  const { code, stdout, stderr } = await auxflow(...argv, '--json');
  if (code !== 0) throw new Error(stdout + stderr);
  return JSON.parse(stdout) as T;
};
const summary = (): Summary => JSON.parse(readFileSync(at('runs/colours/001/summary.json'), 'utf8')) as Summary;
const cells = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(','));

/** Test pictures with their groups. */
const pictures = ['warm/red', 'warm/orange', 'cold/blue', 'cold/green'].flatMap((classes) =>
  Array.from({ length: sizes.test }, (_, n) => ({
    file: `pictures/test/${classes}/${n}.png`,
    group: classes.split('/')[0]!,
  })),
);
let tensors = 0;

beforeAll(async () => {
  await drawPictures(folder);
  await train(folder, 'colours');
  tensors = tf.memory().numTensors;
}, 180_000);
afterAll(() => {
  folder[Symbol.dispose]();
  expect(tf.memory().numTensors).toBe(tensors);
});

describe('weights that are NaN', () => {
  it.each([
    ['evaluate', []],
    ['predict', ['pictures/test/warm/red/0.png']],
    ['export', ['--out', 'spoilt-model']],
  ])('are refused by %s, by name', async (verb, more) => {
    cpSync(at('runs/colours/001'), at('runs/spoilt/001'), { recursive: true });
    const file = at('runs/spoilt/001/weights/theta1.safetensors');
    const { tensors: own } = await readSafetensors(file);
    const name = 'trunk/block1/norm/scale';
    using spoilt = tf.fill(own[name]!.shape, NaN);
    await writeSafetensors(file, { ...own, [name]: spoilt });
    tf.dispose(own);
    const { code, stderr } = await auxflow(verb, 'spoilt/001', ...more);
    expect(code).not.toBe(0);
    expect(stderr).toContain(`${file} holds weights that are no finite numbers:`);
    expect(stderr).toContain(`"${name}" has NaN at position 0 of 4`);
    rmSync(at('runs/spoilt'), { recursive: true });
  });
});

describe('auxflow evaluate', () => {
  it("scores what the run's own evaluation scored, to the last bit", async () => {
    const { test, selected } = summary();
    const last = await json<ClassEvaluation>('evaluate', 'colours/001');
    expect(last).toMatchObject({ split: 'test', samples: 12, accuracy: test.primaryAccuracy, loss: test.primaryLoss });
    const best = await json<ClassEvaluation>('evaluate', 'runs/colours/001', '--weights', 'selected');
    expect(best).toMatchObject({ accuracy: selected!.test.primaryAccuracy, loss: selected!.test.primaryLoss });
    const held = await json<ClassEvaluation>(
      'evaluate',
      at('runs/colours/001'),
      '--weights',
      'selected',
      '--split',
      'validation',
    );
    expect(held).toMatchObject({
      samples: 8,
      accuracy: selected!.validation.primaryAccuracy,
      loss: selected!.validation.primaryLoss,
    });
  });

  it('scores each class', async () => {
    const { classes, confusion, accuracy } = await json<ClassEvaluation>('evaluate', 'colours/001', '--split', 'train');
    expect(classes.map(({ name, support }) => [name, support])).toEqual([
      ['cold', 12],
      ['warm', 12],
    ]);
    const [[a, b], [c, d]] = confusion as [[number, number], [number, number]];
    expect(accuracy).toBeCloseTo((a + d) / 24, 12);
    expect(classes[0]).toMatchObject({ precision: a + c > 0 ? a / (a + c) : null, recall: a / (a + b) });
    expect(classes[1]).toMatchObject({ precision: b + d > 0 ? d / (b + d) : null, f1: (2 * d) / (c + d + b + d) });
  });

  it('prints a table for people', async () => {
    const { stdout, stderr } = await auxflow('evaluate', 'colours/001');
    expect(stderr).toBe('');
    expect(stdout).toMatch(
      /^test: accuracy \d+\.\d\d%, loss \d\.\d{4}, 12 samples\n\nclass +precision +recall +F1 +support\n/,
    );
    expect(stdout).toMatch(/\nis \\ predicted +cold +warm\ncold +\d+ +\d+\nwarm +\d+ +\d+\n$/);
  });

  it('scores other data, changed like a pipeline', async () => {
    const { samples } = await json<ClassEvaluation>('evaluate', 'colours/001', '--set', 'dataset.splits.test=train');
    expect(samples).toBe(32);
  });

  it("scores another dataset, whose unsaid keys are the run's own", async () => {
    const asked = ['evaluate', 'colours/001', '--dataset'];
    const train = await json<ClassEvaluation>(...asked, '{ splits: { test: train } }');
    expect(train.samples).toBe(32);
    expect(await json<ClassEvaluation>(...asked, 'image-folder')).toEqual(
      await json<ClassEvaluation>('evaluate', 'colours/001'),
    );
    const { code, stderr } = await auxflow(...asked, 'image-foldr');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--set dataset\.use: .*did you mean "image-folder".*\(config\/unknown-stage\)/);
  });
});

interface Predicted {
  readonly classes: string[];
  readonly predictions: { sample: string; class: string; probabilities: number[] }[];
}

describe('auxflow predict', () => {
  it('sees in files what evaluation sees in the samples made of them', async () => {
    const { classes, predictions } = await json<Predicted>(
      'predict',
      'colours/001',
      ...pictures.map(({ file }) => file),
    );
    expect(predictions.map(({ sample }) => sample)).toEqual(pictures.map(({ file }) => file));
    const { confusion, loss } = await json<ClassEvaluation>('evaluate', 'colours/001');
    const counted = classes.map(() => classes.map(() => 0));
    let total = 0;
    for (const [n, { class: found, probabilities }] of predictions.entries()) {
      const truth = classes.indexOf(pictures[n]!.group);
      counted[truth]![classes.indexOf(found)]! += 1;
      total -= Math.log(probabilities[truth]!);
      expect(found).toBe(classes[probabilities.indexOf(Math.max(...probabilities))]);
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 6);
    }
    expect(counted).toEqual(confusion);
    expect(total / predictions.length).toBeCloseTo(loss, 6);
  });

  it('takes other formats and sizes, and writes CSV and JSON', async () => {
    await sharp(at(pictures[0]!.file)).resize(30, 20).jpeg().toFile(at('large.jpg'));
    const { stdout } = await auxflow('predict', 'colours/001', 'large.jpg', pictures[1]!.file);
    const [header, first, ...rest] = cells(stdout);
    expect(header).toEqual(['sample', 'class', 'cold', 'warm']);
    expect(first![0]).toBe('large.jpg');
    expect(rest).toHaveLength(1);
    const argv = ['predict', 'colours/001', 'large.jpg', pictures[1]!.file, '--out'];
    expect(await auxflow(...argv, 'new/classes.csv')).toMatchObject({
      code: 0,
      stdout: `2 samples written to ${at('new/classes.csv')}\n`,
    });
    expect(readFileSync(at('new/classes.csv'), 'utf8')).toBe(stdout);
    await auxflow(...argv, 'classes.JSON');
    const { predictions } = JSON.parse(readFileSync(at('classes.JSON'), 'utf8')) as Predicted;
    expect(predictions[0]!.probabilities.map(String)).toEqual(first!.slice(2));
  });

  it.each([
    ['none.png', 'data/unreadable', "can't read none.png"],
    ['colours.yaml', 'data/no-image', 'colours.yaml: not an image of the formats png, jpeg, webp'],
    ['empty.png', 'data/no-image', 'empty.png: not an image of the formats png, jpeg, webp'],
    ['torn.png', 'data/corrupt-image', 'torn.png'],
  ])('refuses %s', async (file, code, message) => {
    writeFileSync(at('empty.png'), '');
    writeFileSync(at('torn.png'), readFileSync(at(pictures[0]!.file)).subarray(0, -60));
    const { code: exit, stdout } = await auxflow('predict', 'colours/001', file, '--json');
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code, message: expect.stringContaining(message) } });
  });

  it('refuses a file to write of another kind', async () => {
    const { code, stderr } = await auxflow('predict', 'colours/001', 'large.jpg', '--out', 'classes.txt');
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('ends in .csv or .json') });
  });
});

describe('auxflow labels', () => {
  it('lists learned labels, as CSV and as Parquet', async () => {
    const { stdout } = await auxflow('labels', 'colours/001');
    const [header, ...rows] = cells(stdout);
    expect(header).toEqual(['index', 'primary', 'human', 'auxiliary', 'p0', 'p1', 'p2', 'p3']);
    expect(rows).toHaveLength(24);
    for (const [n, [index, primary, human, auxiliary, ...shares]] of rows.entries()) {
      const values = shares.map(Number);
      expect(index).toBe(String(n));
      expect({ warm: ['red', 'orange'], cold: ['blue', 'green'] }[primary!]).toContain(human);
      expect(values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(values[Number(auxiliary)]).toBe(Math.max(...values));
      expect(Math.floor(Number(auxiliary) / 2)).toBe(primary === 'cold' ? 0 : 1);
    }
    expect(await auxflow('labels', 'colours/001', '--out', 'out/labels.parquet')).toMatchObject({
      code: 0,
      stdout: `24 samples written to ${at('out/labels.parquet')}\n`,
    });
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(at('out/labels.parquet')) });
    expect(read.map((row) => Object.values(row).map(String))).toEqual(rows);
    expect(Object.keys(read[0]!)).toEqual(header);
  });

  it('makes labels of a fixed strategy again, the same ones', async () => {
    const auxiliary = '{ use: random-labels, psi: 3 }';
    await train(folder, 'random', { auxiliary, metaStep: '{ use: none }', epochs: '1' });
    const before = tf.memory().numTensors;
    const { stdout } = await auxflow('labels', 'random/001');
    expect((await auxflow('labels', 'random/001', '--out', 'labels.csv')).code).toBe(0);
    expect(readFileSync(at('labels.csv'), 'utf8')).toBe(stdout);
    expect(
      new Set(
        cells(stdout)
          .slice(1)
          .map(([, , , auxiliary]) => auxiliary),
      ).size,
    ).toBeGreaterThan(3);
    expect(tf.memory().numTensors).toBe(before);
  });

  it("takes people's classes for the labels where the strategy does", async () => {
    await train(folder, 'human', { auxiliary: '{ use: human-hierarchy }', metaStep: '{ use: none }', epochs: '1' });
    const rows = cells((await auxflow('labels', 'human/001')).stdout).slice(1);
    const pairs = new Set(rows.map(([, , human, auxiliary]) => `${human} ${auxiliary}`));
    expect(pairs.size).toBe(4);
  });

  it('tells how much each sample counts, where that is learned', async () => {
    await train(folder, 'weighted', { auxiliary: '{ use: weighted-maxl, psi: 2 }' });
    const [header, ...rows] = cells((await auxflow('labels', 'weighted/001')).stdout);
    expect(header!.slice(3, 6)).toEqual(['auxiliary', 'weight', 'p0']);
    const weights = rows.map((row) => Number(row[4]));
    expect(new Set(weights).size).toBeGreaterThan(2);
    for (const weight of weights) expect(weight > 0 && weight < 2).toBe(true);
    const { weight } = await json<{ weight: number[] }>('labels', 'weighted/001');
    expect(weight).toEqual(weights);
    await auxflow('labels', 'weighted/001', '--out', 'weighted.parquet');
    const read = await parquetReadObjects({ file: await asyncBufferFromFile(at('weighted.parquet')) });
    expect(read.map((row) => Number(row['weight']))).toEqual(weights);
  });

  it("takes labels that change in training from the run's last checkpoint, also of a run that went on", async () => {
    const changing = { auxiliary: '{ use: deep-cluster, psi: 2 }', metaStep: '{ use: none }' };
    await train(folder, 'clusters', { ...changing, epochs: '2' });
    const labelled = async () => cells((await auxflow('labels', 'clusters/001')).stdout).map((row) => row[3]);
    const kept = async () => {
      const folder = at('runs/clusters/001/checkpoints');
      using checkpoint = await readCheckpoint(join(folder, readdirSync(folder).sort().at(-1)!));
      const { values } = partOf(partOf(checkpoint, 'stages')!, 'auxiliary')!;
      return ['auxiliary', ...(values as { labels: number[] }).labels.map(String)];
    };
    const first = await labelled();
    expect(first).toEqual(await kept());
    const { code } = await auxflow('run', '--resume', 'runs/clusters/001', '--set', 'epochs=6');
    expect(code).toBe(0);
    expect(await labelled()).toEqual(await kept());
    expect(await labelled()).not.toEqual(first);

    rmSync(at('runs/clusters/001/checkpoints'), { recursive: true });
    const { stderr } = await auxflow('labels', 'clusters/001');
    expect(stderr).toMatch(/change in training, and no checkpoint keeps them.*\(labels\/not-kept\)/s);
  });

  it('refuses labels that are of other inputs than the samples', async () => {
    await train(folder, 'turned', { auxiliary: '{ use: rotation }', metaStep: '{ use: none }', epochs: '1' });
    const { code, stderr } = await auxflow('labels', 'turned/001');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/not the samples.*\(labels\/none\)/s) });
  });

  it('refuses a strategy without labels', async () => {
    await train(folder, 'alone', { auxiliary: '{ use: single-task }', metaStep: '{ use: none }', epochs: '1' });
    const { code, stderr } = await auxflow('labels', 'alone/001');
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('single-task has no auxiliary labels'),
    });
  });
});

describe('auxflow export', () => {
  it('writes a layers model that plain tfjs loads, with the same probabilities', async () => {
    const { files, difference } = await json<{ files: string[]; difference: number }>('export', 'colours/001');
    expect(files).toEqual(['model.json', 'weights.bin'].map((file) => at('runs/colours/001/export', file)));
    expect(difference).toBeLessThan(1e-5);
    const { predictions } = await json<Predicted>('predict', 'colours/001', ...pictures.map(({ file }) => file));
    const inputs = await inputsOf(
      folder,
      pictures.map(({ file }) => file),
      readFileSync(files[0]!, 'utf8'),
    );
    const said = JSON.parse(
      execFileSync(process.execPath, [join(import.meta.dirname, '../trained/plain-tfjs.mjs'), files[0]!], {
        input: JSON.stringify(inputs),
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
      }),
    ) as { backend: string; values: number[]; userDefinedMetadata: object };
    expect(said).toMatchObject({ backend: 'cpu', userDefinedMetadata: { auxflow: { classes: ['cold', 'warm'] } } });
    const own = predictions.flatMap(({ probabilities }) => probabilities);
    expect(Math.max(...said.values.map((value, i) => Math.abs(value - own[i]!)))).toBeLessThan(1e-5);
  });

  it('writes trunk and primary head as safetensors, bit by bit', async () => {
    const argv = ['export', 'colours/001', '--format', 'safetensors', '--out', 'weights', '--weights', 'selected'];
    expect(await auxflow(...argv)).toEqual({
      code: 0,
      stdout: `written to ${at('weights/model.safetensors')}\n`,
      stderr: '',
    });
    const written = await readSafetensors(at('weights/model.safetensors'));
    const saved = await readSafetensors(at('runs/colours/001/weights/theta1-selected.safetensors'));
    const names = Object.keys(saved.tensors).filter((name) => !name.startsWith('auxiliary/'));
    expect(Object.keys(written.tensors).sort()).toEqual(names.sort());
    expect(names).toContain('trunk/block1/norm/variance');
    for (const name of names) expect(written.tensors[name]!.dataSync()).toEqual(saved.tensors[name]!.dataSync());
    expect(JSON.parse(written.metadata['auxflow']!)).toMatchObject({
      dataset: 'image-folder',
      inputShape: [12, 12, 3],
    });
    tf.dispose([written.tensors, saved.tensors]);
  });
});

describe('what is there already', () => {
  const refused = async (message: string, ...argv: string[]): Promise<void> => {
    const out = at(argv.at(-1)!);
    const before = statSync(out).isFile() ? readFileSync(out) : readdirSync(out);
    const { code, stderr } = await auxflow(...argv);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${argv.at(-2)}: ${argv.at(-1)} is ${message} (usage/output)\n  Name another place.\n`,
    });
    expect(statSync(out).isFile() ? readFileSync(out) : readdirSync(out)).toEqual(before);
  };

  it('stays, where it is the record of a run', async () => {
    const run = 'runs/colours/001';
    const entries = readdirSync(at(run), { withFileTypes: true }).filter(({ name }) => name !== 'export');
    expect(entries.length).toBeGreaterThan(5);
    const record = `part of the record of the run in ${realpathSync(at(run))}`;
    for (const entry of entries.filter((one) => one.isDirectory()))
      await refused(record, 'export', 'colours/001', '--format', 'safetensors', '--out', `${run}/${entry.name}`);
    await refused(record, 'labels', 'colours/001', '--out', `${run}/metrics.csv`);
    await refused(record, 'predict', 'colours/001', pictures[0]!.file, '--out', `${run}/summary.json`);
    symlinkSync(at(run), at('link'));
    await refused(record, 'labels', 'colours/001', '--out', 'link/metrics.csv');
    await refused(record, 'report', run, '--svg', `${run}/weights`);
    for (const { name } of entries) expect(recordAt(realpathSync(at(run, name)))).toBe(realpathSync(at(run)));
  });

  it('stays, where it is read', async () => {
    writeFileSync(at('rows.csv'), '');
    await refused(
      'an input of this command',
      'predict',
      'colours/001',
      pictures[0]!.file,
      'rows.csv',
      '--out',
      'rows.csv',
    );
    writeFileSync(at('pictures/train/list.csv'), 'mine');
    const inside = `in ${realpathSync(at('pictures'))}, an input of this command`;
    await refused(inside, 'labels', 'colours/001', '--out', 'pictures/train/list.csv');
    rmSync(at('pictures/train/list.csv'));
  });

  it('is replaced, where it is an earlier result', async () => {
    writeFileSync(at('runs/colours/001/labels.csv'), 'earlier');
    expect((await auxflow('labels', 'colours/001', '--out', 'runs/colours/001/labels.csv')).code).toBe(0);
    expect(readFileSync(at('runs/colours/001/labels.csv'), 'utf8')).toMatch(/^index,primary/);
    rmSync(at('runs/colours/001/labels.csv'));
  });
});

describe('a run that is not there or not whole', () => {
  const refusal = async (...argv: string[]): Promise<object> => {
    const { code, stdout } = await auxflow(...argv, '--json');
    expect(code).toBe(2);
    return (JSON.parse(stdout) as { error: object }).error;
  };

  it('is named with the nearest', async () => {
    const hint = 'The nearest is runs/colours/001.';
    expect(await refusal('evaluate', 'colors/001')).toMatchObject({ code: 'run/not-found', hint });
    expect(await refusal('evaluate', 'colours')).toMatchObject({ hint });
  });

  it('lacks weights, or has those of another network', async () => {
    await train(folder, 'broken', {
      auxiliary: '{ use: single-task }',
      metaStep: '{ use: none }',
      epochs: '1',
      evaluation: '{}',
    });
    const before = tf.memory().numTensors;
    const select = { code: 'run/no-weights', hint: expect.stringContaining('select: validation') };
    expect(await refusal('evaluate', 'broken/001', '--weights', 'selected')).toMatchObject(select);
    const file = at('runs/broken/001/weights/theta1.safetensors');
    const { tensors } = await readSafetensors(file);
    const { 'trunk/block1/conv/kernel': kernel, 'trunk/block1/conv/bias': bias, ...rest } = tensors;
    const reshaped = tf.reshape(kernel!, [3, 3, 4, 3]);
    await writeSafetensors(file, { ...rest, 'trunk/block1/conv/kernel': reshaped, 'trunk/block1/conv/bais': bias! });
    tf.dispose([tensors, reshaped]);
    expect(await refusal('evaluate', 'broken/001')).toMatchObject({
      code: 'run/other-weights',
      message: expect.stringMatching(
        /"trunk\/block1\/conv\/kernel" is \[3, 3, 4, 3\], expected \[3, 3, 3, 4\]\n.*"trunk\/block1\/conv\/bias" \[4\] is missing; the file has "trunk\/block1\/conv\/bais"\n.*"trunk\/block1\/conv\/bais" is no tensor/s,
      ),
    });
    rmSync(file);
    expect(await refusal('export', 'broken/001')).toMatchObject({ code: 'run/no-weights' });
    expect(tf.memory().numTensors).toBe(before);
    expect(readdirSync(at('runs/broken/001'))).not.toContain('export');
  });
});
