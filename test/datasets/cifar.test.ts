import 'reflect-metadata';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import { readCifar } from '../../plugins/datasets/cifar-records.js';
import { Cifar10, Cifar10Config } from '../../plugins/datasets/cifar10.js';
import { Cifar100, Cifar100Config } from '../../plugins/datasets/cifar100.js';
import { temporaryFolder } from './folder.js';

const folder = temporaryFolder();
const cifar10 = (config: object) =>
  new Cifar10(Cifar10Config.parse({ partial: true, ...config }), new Random(1)).load();
const cifar100 = (config: object) =>
  new Cifar100(Cifar100Config.parse({ partial: true, ...config }), new Random(1)).load();

/** One record whose pixel at row y, column x and channel c is (y + 2 x + 50 c + label) mod 256. */
const pixel = (y: number, x: number, c: number, label: number) => (y + 2 * x + 50 * c + label) % 256;
function record(...labels: number[]): Uint8Array {
  const bytes = new Uint8Array(labels.length + 3072);
  bytes.set(labels);
  let at = labels.length;
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < 32; y++) for (let x = 0; x < 32; x++) bytes[at++] = pixel(y, x, c, labels.at(-1)!);
  return bytes;
}
const file = (...labels: number[][]) => Buffer.concat(labels.map((each) => record(...each)));

/** The superclass of each class, as the data set's authors number them. */
const superclassOf = [
  4, 1, 14, 8, 0, 6, 7, 7, 18, 3, 3, 14, 9, 18, 7, 11, 3, 9, 7, 11, 6, 11, 5, 10, 7, 6, 13, 15, 3, 15, 0, 11, 1, 10, 12,
  14, 16, 9, 11, 5, 5, 19, 8, 8, 15, 13, 14, 17, 18, 10, 16, 4, 17, 4, 2, 0, 17, 4, 18, 17, 10, 3, 2, 12, 12, 16, 12, 1,
  9, 19, 2, 10, 0, 1, 16, 12, 9, 13, 15, 13, 16, 19, 2, 4, 6, 19, 5, 5, 8, 19, 18, 1, 2, 15, 6, 0, 17, 8, 14, 13,
];
const fine = { name: 'class', classes: [...Array(10).keys()].map(String) };

describe('readCifar', () => {
  it('reads records of several files, across the borders of its reads, to channels-last images', async () => {
    const labels = Array.from({ length: 700 }, (_, i) => [i % 10]);
    const paths = [folder.write('long', file(...labels)), folder.write('short', file([7], [3]))];
    const samples = await readCifar(paths, [fine]);
    expect(samples.inputs).toHaveLength(702 * 3072);
    expect([...(samples.labels['class'] as Uint8Array)].slice(-3)).toEqual([9, 7, 3]);
    for (const [sample, label] of [
      [0, 0],
      [511, 1],
      [512, 2],
      [701, 3],
    ] as const)
      for (const [y, x, c] of [
        [0, 0, 0],
        [5, 9, 1],
        [31, 30, 2],
      ] as const)
        expect(samples.inputs[sample * 3072 + (y * 32 + x) * 3 + c]).toBe(pixel(y, x, c, label));
  });

  it('refuses a file cut off anywhere, saying where it ends, before making room', async () => {
    const path = folder.write('cut', file([1], [2]));
    const lengths = fc.nat(2 * 3073 - 1).filter((length) => length !== 3073);
    await fc.assert(
      fc.asyncProperty(lengths, async (length) => {
        folder.write('cut', file([1], [2]).subarray(0, length));
        await expect(readCifar([path], [fine])).rejects.toMatchObject({
          code: 'data/truncated',
          message: expect.stringContaining(`cut, byte ${length}: `),
        });
      }),
      { numRuns: 30 },
    );
  });

  it('refuses a size of gigabytes that fits no record without reading it', async () => {
    const path = folder.write('huge', new Uint8Array(0));
    truncateSync(path, 2 ** 40);
    const before = process.memoryUsage().arrayBuffers;
    await expect(readCifar([path], [fine])).rejects.toMatchObject({ code: 'data/truncated' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('reads or refuses files with any byte changed', async () => {
    const good = file([1], [2]);
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.constantFrom(0, 3073), fc.nat(good.length - 1)), fc.nat(255), async (at, value) => {
        const bytes = Uint8Array.from(good);
        bytes[at] = value;
        const result = await readCifar([folder.write('mutated', bytes)], [fine]).catch((error: unknown) => error);
        if (at % 3073 === 0 && value > 9) expect(result).toBeInstanceOf(DataError);
        else expect(result).toHaveProperty('inputs');
      }),
      { numRuns: 60 },
    );
  });

  it('refuses a label out of range, naming its byte', async () => {
    await expect(readCifar([folder.write('labels', file([1], [10]))], [fine])).rejects.toThrow(
      /labels, byte 3073: label 10, but the 10 classes of level "class" are 0 to 9/,
    );
  });

  it('refuses a file that is not there, and a folder', async () => {
    await expect(readCifar([`${folder.path}/absent`], [fine])).rejects.toMatchObject({ code: 'data/missing-file' });
    await expect(readCifar([folder.path], [fine])).rejects.toBeInstanceOf(DataError);
  });
});

it('a CIFAR file that lost whole records is refused', async () => {
  const path = folder.write('cut', file([1], [2]));
  expect((await readCifar([path], [fine], 2)).labels['class']).toEqual(Uint8Array.of(1, 2));
  await expect(readCifar([path], [fine], 3)).rejects.toMatchObject({
    code: 'data/other-size',
    message: `${path}, byte ${2 * 3073}: the file ends here, after 2 records; the published one has 3`,
    hint: expect.stringContaining('dataset.partial'),
  });
});

describe('Cifar10', () => {
  it('reads five training batches and the test batch, in the folder of the archive too', async () => {
    const inside = join(folder.path, 'ten', 'cifar-10-batches-bin');
    mkdirSync(inside, { recursive: true });
    for (const batch of [1, 2, 3, 4, 5]) writeFileSync(join(inside, `data_batch_${batch}.bin`), file([batch], [0]));
    await expect(cifar10({ path: join(folder.path, 'ten') })).rejects.toMatchObject({
      code: 'data/missing-file',
      message: expect.stringContaining('test_batch.bin: no such file'),
      hint: expect.stringMatching(/`dataset.path`.*auxflow data fetch cifar10/),
    });
    writeFileSync(join(inside, 'test_batch.bin'), file([9]));
    const path = join(folder.path, 'ten');
    await expect(cifar10({ path, partial: false })).rejects.toThrow(/the published one has 10000/);
    const { train, test, levels, inputShape } = await cifar10({ path, primary: 'kind' });
    expect([...train.labels['class']!]).toEqual([1, 0, 2, 0, 3, 0, 4, 0, 5, 0]);
    expect(levels['kind']!.classes[test.labels['kind']![0]!]).toBe('vehicle');
    expect(inputShape).toEqual([32, 32, 3]);
    using batch = test.inputs(Int32Array.of(0));
    expect(batch.arraySync()).toHaveProperty('0.5.9.1', expect.closeTo(pixel(5, 9, 1, 9) / 255, 6));
  });
});

describe('Cifar100', () => {
  const all = superclassOf.map((superclass, label) => [superclass, label]);
  mkdirSync(join(folder.path, 'hundred'));
  writeFileSync(join(folder.path, 'hundred', 'train.bin'), file(...all));
  writeFileSync(join(folder.path, 'hundred', 'test.bin'), file([14, 2]));
  const path = join(folder.path, 'hundred');

  it('has the levels 3, 10, 20 and 100 of the published reference', async () => {
    const { levels, train } = await cifar100({ path, primary: 'domain', fine: 'class' });
    expect(Object.values(levels).map(({ name, classes }) => [name, classes.length])).toEqual([
      ['domain', 3],
      ['group', 10],
      ['superclass', 20],
      ['class', 100],
    ]);
    expect(levels['class']!.parent).toEqual({ level: 'superclass', of: superclassOf });
    expect(levels['superclass']!.parent).toEqual({
      level: 'group',
      of: [1, 2, 5, 6, 5, 6, 6, 3, 0, 7, 8, 0, 1, 3, 4, 0, 2, 5, 9, 9],
    });
    expect(levels['group']!.parent).toEqual({ level: 'domain', of: [0, 0, 0, 0, 0, 1, 2, 2, 2, 2] });
    expect([...train.labels['superclass']!]).toEqual(superclassOf);
    expect(levels['class']!.classes).toContain('sweet pepper');
    expect(new Set(levels['class']!.classes).size).toBe(100);
  });

  it('refuses a file whose two labels contradict each other', async () => {
    writeFileSync(join(path, 'test.bin'), file([14, 2], [3, 0]));
    await expect(cifar100({ path })).rejects.toThrow(
      /test.bin, byte 3075: class "apple" belongs to "fruit and vegetables", but the byte before says "food containers"/,
    );
  });

  it('refuses a file of CIFAR-10', async () => {
    writeFileSync(join(path, 'test.bin'), file([1]));
    await expect(cifar100({ path })).rejects.toThrow(
      /byte 3073: the file ends here, after 0 whole records; each has 3074/,
    );
  });
});
