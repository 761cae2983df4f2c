import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import type { Split } from '../../core/stages/index.js';
import { Csv, CsvConfig } from '../../plugins/datasets/csv.js';
import { temporaryFolder } from './folder.js';

const folder = temporaryFolder();
let count = 0;
const write = (text: string, extension = 'csv') => folder.write(`${count++}.${extension}`, Buffer.from(text));
const load = (config: Record<string, unknown>, seed = 1) => new Csv(CsvConfig.parse(config), new Random(seed)).load();

function values({ size, inputs }: Split): number[] {
  using all = inputs(Int32Array.from({ length: size }, (_, i) => i));
  return Array.from(all.dataSync());
}

const animals = `legs,weight,kind,species
4,10,mammal,dog
4,4,mammal,cat
2,1.5,bird,hen
2,2,bird,hen
`;

/** `rows` rows of three classes: the class, then the row's number. */
const numbered = (rows: number) =>
  `row,class\n${Array.from({ length: rows }, (_, row) => `${row},${'abc'[Math.min(2, row % 6)]}`).join('\n')}`;

describe('Csv', () => {
  it('takes text columns as levels, coarse to fine in the order of the file, and all others as features', async () => {
    const files = { trainFile: write(animals), testFile: write('species,kind,weight,legs\ncat,mammal,3,4\n') };
    const { train, test, ...dataset } = await load({ ...files, standardise: false, primary: 'kind', fine: 'species' });
    expect(dataset).toMatchObject({
      name: 'csv',
      inputShape: [2],
      primary: 'kind',
      fine: 'species',
      levels: {
        kind: { classes: ['bird', 'mammal'] },
        species: { classes: ['cat', 'dog', 'hen'], parent: { level: 'kind', of: [1, 1, 0] } },
      },
    });
    expect(values(train)).toEqual([4, 10, 4, 4, 2, 1.5, 2, 2]);
    expect(Object.values(train.labels).map((labels) => [...labels])).toEqual([
      [1, 1, 0, 0],
      [1, 0, 2, 2],
    ]);
    expect(values(test)).toEqual([4, 3]);
    expect([...test.labels['species']!, ...test.labels['kind']!]).toEqual([0, 1]);
  });

  it('has the finest level as its primary one, and the last column as the only one where all are numbers', async () => {
    expect((await load({ file: write(animals) })).primary).toBe('species');
    const dataset = await load({ file: write('a,b,grade\n1,2,10\n3,4,9\n5,6,-1\n') });
    expect(dataset.levels).toEqual({ grade: { name: 'grade', classes: ['-1', '9', '10'] } });
    expect(dataset.inputShape).toEqual([2]);
  });

  it('uses the columns it is told to', async () => {
    const file = write('\tlegs\tweight\tmonth\tkind\n0\t4\t10\t1\tx\n1\t4\t4\t2\tx\n2\t2\t1\t2\ty\n', 'TSV');
    const dataset = await load({ file, levels: ['month'], ignore: ['column 1', 'kind'], standardise: false });
    expect(dataset.inputShape).toEqual([2]);
    expect(dataset.levels).toEqual({ month: { name: 'month', classes: ['1', '2'] } });
    const chosen = await load({ file, features: ['weight'], standardise: false });
    expect(Object.keys(chosen.levels)).toEqual(['kind']);
    expect([...values(chosen.train), ...values(chosen.test)].sort((a, b) => a - b)).toEqual([1, 4, 10]);
    const semicolons = await load({ file: write('a;b\n1.5;x,y\n2;z', 'txt'), separator: ';' });
    expect(semicolons.levels['b']!.classes).toEqual(['x,y', 'z']);
  });

  it('splits one file by the seed, each class in its own proportion', async () => {
    const file = write(numbered(60));
    const rowsOf = async (testFraction: number | undefined, seed = 1) => {
      const { train, test } = await load({ file, testFraction, standardise: false }, seed);
      return { train: values(train), test: values(test), classes: [...test.labels['class']!] };
    };
    const { train, test, classes } = await rowsOf(undefined);
    expect(test).toHaveLength(12);
    expect([...train, ...test].sort((a, b) => a - b)).toEqual([...Array(60).keys()]);
    expect([0, 1, 2].map((wanted) => classes.filter((label) => label === wanted).length)).toEqual([2, 2, 8]);
    expect(classes).toEqual(test.map((row) => Math.min(2, row % 6)));
    expect(await rowsOf(0.2)).toEqual({ train, test, classes });
    expect((await rowsOf(0.2, 2)).test).not.toEqual(test);
    expect((await rowsOf(0.5)).test).toHaveLength(30);
    expect((await rowsOf(0.001)).test).toHaveLength(1);
    expect((await rowsOf(0.999)).train).toHaveLength(1);
  });

  it('standardises by the training samples alone', async () => {
    const { train, validation, test } = await load({ file: write(numbered(60)), train: 20, validation: 5 });
    const raw = await load({ file: write(numbered(60)), train: 20, validation: 5, standardise: false });
    const known = values(raw.train);
    const mean = known.reduce((sum, value) => sum + value) / 20;
    const deviation = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 20);
    for (const [split, plain] of [
      [train, raw.train],
      [validation, raw.validation],
      [test, raw.test],
    ] as const)
      values(split!).forEach((value, i) => expect(value).toBeCloseTo((values(plain!)[i]! - mean) / deviation, 5));
  });

  it('refuses missing values, or puts the mean of the training samples there', async () => {
    const trainFile = write('a,b,class\n1,5,x\nNA,5,y\n3,,x\n2,5,y\n');
    const testFile = write('a,b,class\n?,nan,x\n100,5,y\n');
    await expect(load({ trainFile, testFile })).rejects.toMatchObject({
      code: 'data/missing-value',
      message: `${trainFile}:3:1: the value of feature "a" is missing`,
      hint: expect.stringContaining('missing: mean'),
    });
    const { train, test } = await load({ trainFile, testFile, missing: 'mean', standardise: false });
    expect(values(train)).toEqual([1, 5, 2, 5, 3, 5, 2, 5]);
    expect(values(test)).toEqual([2, 5, 100, 5]);
    const standard = await load({ trainFile, testFile, missing: 'mean' });
    expect(values(standard.test).slice(0, 2)).toEqual([0, 0]);
    await expect(
      load({
        trainFile: write('a,class\n,x\n,y\n'),
        testFile: write('a,class\n1,x\n'),
        missing: 'mean',
        features: ['a'],
      }),
    ).rejects.toThrow('feature "a" is missing in all 2 training samples');
  });

  it('refuses a finer class in two coarser ones, naming both rows', async () => {
    const first = write(`${animals}2,1,mammal,hen\n`);
    await expect(load({ file: first })).rejects.toMatchObject({
      code: 'data/no-hierarchy',
      message: `${first}:6:12: "hen" of "species" lies in "mammal" of "kind" here, but in "bird" at ${first}:4:12`,
    });
    const [trainFile, testFile] = [write(animals), write('legs,weight,kind,species\n1,1,bird,cat\n')];
    await expect(load({ trainFile, testFile })).rejects.toThrow(
      `${testFile}:2:10: "cat" of "species" lies in "bird" of "kind" here, but in "mammal" at ${trainFile}:3:12`,
    );
    await expect(load({ file: write(animals), levels: ['species', 'kind'] })).rejects.toThrow('lies in "cat"');
  });

  it.each([
    ['a,class\n1,x\nx2,y\n', ':3:1: "x2" of feature "a" is no number'],
    ['a,class\n1,x\n1e39,y\n', ':3:1: "1e39" of feature "a" is no number that float32 can hold'],
    ['a,class\n1,x\n0x10,y\n', ':3:1: "0x10"'],
    ['a,class\n1,x\n2,\n', ':3:3: the label "class" is missing'],
    ['a,class\n1,x\n2\n', ':3:1: 1 fields, but the header names 2 columns'],
    ['a,class\n1,x\n2,y,3\n', ':3:5: 3 fields'],
    ['a,a\n1,x\n', ':1:3: a second column named "a"'],
    ['1,2\n3,4\n', ':1:1: expected the names of the columns, got numbers'],
    ['a,class\n', ': expected a header and rows under it'],
    ['a,class\n1,x\n', ": one row can't be both trained and tested on"],
    ['a,class\n1,"x\n', ':2:3: this quote is never closed'],
  ])('refuses %j', async (text, message) => {
    const file = write(text);
    const loading = load({ file });
    await expect(loading).rejects.toThrow(DataError);
    await expect(loading).rejects.toThrow(`${file}${message}`);
  });

  it('refuses test rows of other columns and classes', async () => {
    const trainFile = write(animals);
    const other = (text: string) => load({ trainFile, testFile: write(text) });
    await expect(other('legs,kind,species\n1,bird,hen\n')).rejects.toThrow(
      'no column "weight", which the training file has',
    );
    await expect(other('legs,weight,kind,species\n1,1,bird,henn\n')).rejects.toThrow(
      ':2:10: class "henn" of "species" is in no training row; the nearest is "hen"',
    );
    await expect(other('')).rejects.toThrow('expected a header');
    await expect(load({ file: '/nowhere/a.csv' })).rejects.toMatchObject({ code: 'data/missing-file' });
  });

  it.each([
    [{}, 'dataset.file: missing; give `file` alone, or both'],
    [{ trainFile: 'a' }, 'dataset.testFile: missing'],
    [{ file: 'a', testFile: 'b' }, 'dataset.file: stands beside'],
    [{ trainFile: 'a', testFile: 'b', testFraction: 0.5 }, 'dataset.testFraction: has nothing to split'],
    [{ levels: ['knd'] }, 'dataset.levels.0: no column "knd" in'],
    [{ features: ['weight', 'x'] }, 'dataset.features.1: no column "x"'],
    [{ ignore: ['leg'] }, 'the nearest is "legs"'],
    [{ features: ['legs'], levels: ['legs'] }, 'dataset.features: column "legs" is already in "levels"'],
    [{ levels: ['kind', 'kind'] }, 'dataset.levels: column "kind" is already in "levels"'],
    [{ ignore: ['legs', 'weight'] }, 'dataset.features: no feature column is left'],
    [{ features: ['legs'], ignore: ['weight', 'kind', 'species'] }, 'dataset.levels: no label column is left'],
    [{ augment: { flip: true } }, 'dataset.augment: works on images'],
    [{ normalise: 'channels' }, 'dataset.normalise: works on images'],
    [{ primary: 'kin' }, 'dataset.primary: no label level "kin"; the nearest is "kind"'],
  ])('refuses %j', async (config, message) => {
    const asked = Object.keys(config).some((key) => /file/i.test(key)) || Object.keys(config).length === 0;
    const loading = load(asked ? config : { file: write(animals), ...config });
    await expect(loading).rejects.toThrow(ConfigError);
    await expect(loading).rejects.toThrow(message);
  });

  const prices = 'rooms,area,price,kind\n1,20,100,flat\n2,45,300,flat\n4,90,800,house\n5,100,600,house\n';

  it('predicts a column of numbers, standardised by the training rows, in one class of samples', async () => {
    const files = {
      trainFile: write(prices),
      testFile: write('price,rooms,area,kind\n450,3,70,house\n750,6,99,flat\n'),
    };
    const dataset = await load({ ...files, target: 'price', levels: ['kind'], fine: 'kind' });
    expect(dataset).toMatchObject({ inputShape: [2], primary: 'price', fine: 'kind' });
    expect(dataset.target).toMatchObject({ name: 'price', mean: 450, deviation: expect.closeTo(Math.sqrt(72_500), 9) });
    expect(dataset.levels['price']).toEqual({ name: 'price', classes: ['price'] });
    expect(dataset.levels['kind']!.parent).toEqual({ level: 'price', of: [0, 0] });
    expect([...dataset.train.labels['price']!, ...dataset.test.labels['price']!]).toEqual([0, 0, 0, 0, 0, 0]);
    const units = ({ targets }: Split) => Array.from(targets!, (value) => Math.round(450 + Math.sqrt(72_500) * value));
    expect(units(dataset.train)).toEqual([100, 300, 800, 600]);
    expect(units(dataset.test)).toEqual([450, 750]);
  });

  it('measures the target on the samples that are trained on alone, and draws the same ones from the same seed', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => `${n},${n * n}`);
    const config = {
      file: write(`x,y\n${rows.join('\n')}\n`),
      target: 'y',
      train: 20,
      validation: 10,
      standardise: false,
    };
    const { train, validation, test, target } = await load(config);
    expect([train.size, validation!.size, test.size]).toEqual([20, 10, 10]);
    for (const split of [train, validation!, test]) {
      const squares = values(split).map((x) => x * x);
      split.targets!.forEach((value, n) =>
        expect(target!.mean + target!.deviation * value).toBeCloseTo(squares[n]!, 2),
      );
    }
    expect(train.targets!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 4);
    expect(values((await load(config)).train)).toEqual(values(train));
  });

  it.each([
    [{ target: 'prise' }, 'dataset.target: no column "prise"'],
    [
      { target: 'price', levels: ['kind'], features: ['price'] },
      'dataset.features: column "price" is already in "target"',
    ],
    [
      { target: 'price', levels: ['kind'], primary: 'kind' },
      'dataset.primary: the primary task is to predict the number "price", not',
    ],
    [{ target: 'price' }, '"flat" of feature "kind" is no number'],
    [{ target: 'kind' }, ':2:10: the target "kind" is "flat", no number that float32 can hold'],
  ])('refuses %j', async (config, message) => {
    await expect(load({ file: write(prices), ...config })).rejects.toThrow(message);
  });

  it('refuses a target that is missing in a row, or the same in all of them', async () => {
    const target = { target: 'y' };
    await expect(load({ file: write('x,y\n1,2\n2,\n'), ...target })).rejects.toMatchObject({ code: 'data/no-target' });
    const constant = load({ file: write('x,y\n1,7\n2,7\n3,7\n'), ...target });
    await expect(constant).rejects.toMatchObject({ code: 'data/constant-target' });
    const files = { trainFile: write('x,y\n1,7\n2,8\n3,9\n'), testFile: write('x,y\n1,7\n2,7\n') };
    await expect(load({ ...files, ...target })).rejects.toThrow('target "y" is 7 in all 2 test samples');
    await expect(load({ file: files.trainFile, ...target, testFraction: 0.1 })).rejects.toThrow(
      'in all 1 test samples',
    );
  });

  it('reads more rows than a call takes arguments', async () => {
    const { train, test } = await load({ file: write(numbered(200_000)) });
    expect([train.size, test.size]).toEqual([160_000, 40_000]);
  });

  it('refuses very wide, long and odd tables soon, in few words', async () => {
    const names = Array.from({ length: 50_000 }, (_, i) => `c${i}`);
    const ones = names.map(() => '1').join(',');
    const digits = `${'1'.repeat(200_000)}!`;
    const long = 'x'.repeat(200_000);
    const refusals: [Record<string, unknown>, string][] = [
      [{ file: write(`${[...names, 'c7'].join(',')}\n${ones},1\n`) }, 'data/repeated-column'],
      [{ file: write(`${names.join(',')}\n${ones}\n`) }, 'data/too-few-rows'],
      [{ file: write(`${names.join(',')}\n${ones}\n`), levels: ['no'] }, 'config/unknown-column'],
      [{ file: write(`a,class\n1,x\n${digits},y\n`) }, 'data/no-number'],
      [{ trainFile: write(`a,class\n1,${long}y\n`), testFile: write(`a,class\n1,${long}\n`) }, 'data/unknown-class'],
    ];
    for (const [config, code] of refusals) {
      const start = performance.now();
      const error = await load(config).catch((cause: unknown) => cause as DataError);
      expect(error).toMatchObject({ code });
      expect(`${(error as DataError).message}${(error as DataError).hint ?? ''}`.length).toBeLessThan(2500);
      expect(performance.now() - start).toBeLessThan(5000);
    }
  });
});
