import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Random } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import { readMat } from '../../plugins/datasets/mat-file.js';
import { readSvhn } from '../../plugins/datasets/svhn-samples.js';
import { Svhn, SvhnConfig } from '../../plugins/datasets/svhn.js';
import { temporaryFolder } from './folder.js';
import { matBytes, type MatVariable, matVariable, packed } from './mat-bytes.js';

const folder = temporaryFolder();
const pixel = (y: number, x: number, c: number, sample: number) => (y + 2 * x + 50 * c + 7 * sample) % 256;

function images(count: number): MatVariable {
  const data = new Uint8Array(3072 * count);
  let at = 0;
  for (let n = 0; n < count; n++)
    for (let c = 0; c < 3; c++)
      for (let x = 0; x < 32; x++) for (let y = 0; y < 32; y++) data[at++] = pixel(y, x, c, n);
  return { name: 'X', shape: [32, 32, 3, count], data };
}
const labels = (...values: number[]): MatVariable => ({
  name: 'y',
  shape: [values.length, 1],
  data: Uint8Array.from(values),
});
const good = matBytes(packed(matVariable(images(3))), packed(matVariable(labels(10, 1, 9))));

const outcome = (bytes: Uint8Array) =>
  readSvhn(folder.write('file.mat', bytes)).catch((error: unknown) => {
    if (error instanceof DataError) return error;
    throw error;
  });
const messageOf = async (bytes: Uint8Array) => ((await outcome(bytes)) as DataError).message;

describe('readSvhn', () => {
  it.each([
    ['packed', good],
    ['plain', matBytes(matVariable(images(3)), matVariable(labels(10, 1, 9)))],
  ])('reads %s images channels last, and 10 as the digit 0', async (_, bytes) => {
    const samples = await readSvhn(folder.write('good.mat', bytes));
    expect([...(samples.labels['digit'] as Uint8Array)]).toEqual([0, 1, 9]);
    for (const sample of [0, 2])
      for (const [y, x, c] of [
        [0, 0, 0],
        [5, 9, 1],
        [31, 30, 2],
      ] as const)
        expect(samples.inputs[sample * 3072 + (y * 32 + x) * 3 + c]).toBe(pixel(y, x, c, sample));
  });

  it('reads labels of any storage, and passes over what is no number', async () => {
    const text: MatVariable = { name: 'note', shape: [1, 5], data: Buffer.from('hello'), type: 16, kind: [4, 0] };
    const doubles: MatVariable = {
      name: 'y',
      shape: [3, 1],
      data: new Uint8Array(Float64Array.of(10, 2, 3).buffer),
      type: 9,
      kind: [6, 0],
    };
    const path = folder.write('storage.mat', matBytes(matVariable(text), matVariable(doubles), matVariable(images(3))));
    expect([...((await readSvhn(path)).labels['digit'] as Uint8Array)]).toEqual([0, 2, 3]);
  });

  it.each<[string, Uint8Array, string]>([
    [
      'version 7.3',
      Buffer.from('MATLAB 7.3 MAT-file, Platform: GLNXA64'.padEnd(512)),
      'byte 0: a MATLAB 7.3 file, which is HDF5',
    ],
    ['HDF5', Buffer.concat([Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), Buffer.alloc(600)]), 'which is HDF5'],
    ['another format', Buffer.alloc(200, 'PK'), 'byte 124: does not begin a MATLAB 5 file'],
    ['big-endian', Buffer.concat([good.subarray(0, 124), Buffer.from('\x01\0MI', 'latin1')]), 'byte 126: a big-endian'],
    ['no images', matBytes(matVariable(labels(1))), 'no variable X of numbers; it has y'],
    ['no labels', matBytes(matVariable(images(1))), 'no variable y of numbers; it has X'],
    ['counts that differ', matBytes(matVariable(images(3)), matVariable(labels(1, 2))), '2 labels y for 3 images X'],
    [
      'label 0',
      matBytes(matVariable(images(1)), matVariable(labels(0))),
      'label 0, but those of SVHN are 1 to 9, and 10',
    ],
    ['label 11', matBytes(matVariable(images(1)), matVariable(labels(11))), 'label 11, but'],
    [
      'another shape',
      matBytes(matVariable({ ...images(1), shape: [32, 96, 1] }), matVariable(labels(1))),
      'X is 32 x 96 x 1, not',
    ],
    [
      'a shape that lies',
      matBytes(matVariable({ ...images(1), shape: [32, 32, 3, 2 ** 30] })),
      '3072 bytes for 32 x 32 x 3 x 1073741824 numbers',
    ],
    ['complex numbers', matBytes(matVariable({ ...images(1), kind: [9, 8] })), 'an array of complex numbers'],
    [
      'an element of another type',
      matBytes(matVariable(images(1)), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0])),
      'byte 3264: an element of type 3; variables',
    ],
  ])('refuses %s, naming the byte', async (_, bytes, message) => {
    expect(await messageOf(bytes)).toContain(message);
  });

  it('refuses images of other numbers than bytes', async () => {
    const shorts: MatVariable = { ...images(1), data: new Uint8Array(6144), type: 4, kind: [11, 0] };
    expect(await messageOf(matBytes(matVariable(shorts), matVariable(labels(1))))).toContain(
      'X holds other numbers than bytes',
    );
  });

  it('refuses a file cut off anywhere', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), async (length) => {
        expect(await outcome(good.subarray(0, length))).toBeInstanceOf(DataError);
      }),
      { numRuns: 60 },
    );
  });

  it('says how far a packed file is sound', async () => {
    const bytes = Buffer.from(good);
    bytes.fill(0xff, 300, 310);
    expect(await messageOf(bytes)).toMatch(/file.mat, near byte \d+: .+ in packed data/);
  });

  it('refuses a packed variable that promises more than its bytes can hold, before making room', async () => {
    const variable = matVariable(images(1));
    variable.writeUInt32LE(2 ** 31, 4);
    const before = process.memoryUsage().arrayBuffers;
    expect(await messageOf(matBytes(packed(variable)))).toContain('promises 2147483656 bytes');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
  });

  it('refuses packed variables that unpack to too much together', async () => {
    const zeros = packed(matVariable({ name: 'z', shape: [2 ** 25, 1], data: new Uint8Array(2 ** 25) }));
    expect(zeros.length).toBeLessThan(2 ** 16);
    const one = await readMat(folder.write('one.mat', matBytes(zeros)));
    expect(one.get('z')!.values.length).toBe(2 ** 25);
    expect(await outcome(matBytes(zeros, zeros, zeros))).toMatchObject({
      code: 'data/too-large',
      message: expect.stringContaining('may unpack to 67108864'),
      hint: expect.stringContaining("'-v6'"),
    });
  });

  it('keeps numbers as wide as they are stored', async () => {
    const numbers = { name: 'n', shape: [3, 1], kind: [8, 0] } as const;
    const file = matBytes(
      matVariable({ ...numbers, data: Uint8Array.of(1, 0xff, 0x80), type: 1 }),
      matVariable({ ...numbers, name: 'w', data: new Uint8Array(Float32Array.of(0.5, -2, 3e9).buffer), type: 7 }),
    );
    const arrays = await readMat(folder.write('numbers.mat', file));
    expect(arrays.get('n')!.values).toEqual(Int8Array.of(1, -1, -128));
    expect(arrays.get('w')!.values).toEqual(Float32Array.of(0.5, -2, 3e9));
  });

  it('refuses a packed variable that unpacks to less or more than it promises', async () => {
    const variable = matVariable(images(1));
    expect(await messageOf(matBytes(packed(variable.subarray(0, -8))))).toContain(
      'of what unpacks from byte 136: the data ends here',
    );
    expect(await messageOf(matBytes(packed(Buffer.concat([variable, Buffer.alloc(2 ** 20)]))))).toContain(
      'the data goes on',
    );
  });

  it('reads or refuses plain and packed files with any byte changed', async () => {
    const plain = matBytes(matVariable(labels(10, 1)), matVariable(images(2)));
    const small = matBytes(packed(matVariable(labels(10, 1, 3, 4, 5))));
    const mutations = fc.tuple(fc.constantFrom(plain, small, good), fc.nat(), fc.nat(255), fc.boolean());
    await fc.assert(
      fc.asyncProperty(mutations, async ([file, position, value, early]) => {
        const bytes = Uint8Array.from(file);
        bytes[position % (early ? 320 : bytes.length)] = value;
        const result = await outcome(bytes);
        if (!(result instanceof DataError)) expect(result.inputs.length).toBeLessThanOrEqual(3 * 3072);
      }),
      { numRuns: 300 },
    );
  });
});

describe('readMat', () => {
  it('says where a value stands', async () => {
    const arrays = await readMat(
      folder.write('at.mat', matBytes(matVariable({ ...labels(1, 2, 3, 4, 5, 6), shape: [2, 3] }))),
    );
    const y = arrays.get('y')!;
    expect(y.shape).toEqual([2, 3]);
    expect(y.at(2)).toBe(`${folder.path}/at.mat, byte ${128 + 8 + 16 + 16 + 8 + 8 + 2}`);
  });

  it('refuses a file that is not there', async () => {
    await expect(readMat(`${folder.path}/absent`)).rejects.toMatchObject({ code: 'data/missing-file' });
  });
});

describe('Svhn', () => {
  it('reads both files of a folder, and says how to get a missing one', async () => {
    const path = join(folder.path, 'svhn');
    mkdirSync(path);
    writeFileSync(join(path, 'train_32x32.mat'), good);
    const load = () =>
      new Svhn(
        SvhnConfig.parse({ path, levels: { parity: { even: [0, 2, 4, 6, 8], odd: [1, 3, 5, 7, 9] } } }),
        new Random(1),
      ).load();
    await expect(load()).rejects.toMatchObject({
      message: expect.stringContaining('test_32x32.mat: no such file'),
      hint: expect.stringMatching(/`dataset.path`.*auxflow data fetch svhn/),
    });
    writeFileSync(join(path, 'test_32x32.mat'), good);
    const { train, test, levels } = await load();
    expect([train.size, test.size]).toEqual([3, 3]);
    expect([...train.labels['parity']!]).toEqual([0, 1, 1]);
    expect(levels['digit']!.classes[0]).toBe('0');
  });
});
