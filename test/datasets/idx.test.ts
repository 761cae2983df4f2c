import 'reflect-metadata';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../core/engine/index.js';
import { Idx, IdxConfig } from '../../plugins/datasets/idx.js';
import { temporaryFolder } from './folder.js';
import { idxBytes, type IdxType } from './idx-bytes.js';

const folder = temporaryFolder();
const numbers = (length: number) => Array.from({ length }, (_, i) => i % 256);

const images = (type: IdxType, shape: number[]) => idxBytes(type, shape, numbers(shape.reduce((a, b) => a * b, 1)));

const files = {
  trainImages: folder.write('train-images', images('u8', [6, 2, 3])),
  trainLabels: folder.write('train-labels', idxBytes('u8', [6], [0, 1, 2, 0, 1, 2])),
  testImages: folder.write('test-images', gzipSync(images('u8', [3, 2, 3]))),
  testLabels: folder.write('test-labels', gzipSync(idxBytes('i32', [3], [2, 1, 3]))),
};

const load = (config: object = {}) => new Idx(IdxConfig.parse({ ...files, ...config }), new Random(1)).load();

describe('Idx', () => {
  it('names classes after the numbers in both label files where nothing else names them', async () => {
    const { levels, primary, fine, inputShape, train, test } = await load();
    expect(levels).toEqual({ class: { name: 'class', classes: ['0', '1', '2', '3'] } });
    expect({ primary, fine, inputShape }).toEqual({ primary: 'class', fine: undefined, inputShape: [2, 3, 1] });
    expect([...train.labels['class']!]).toEqual([0, 1, 2, 0, 1, 2]);
    expect([...test.labels['class']!]).toEqual([2, 1, 3]);
  });

  it('takes class names from a list and groups from maps', async () => {
    const levels = { shape: ['disc', 'ring', 'box', 'star'], corners: { none: ['disc', 'ring'], some: [2, 'star'] } };
    const dataset = await load({ levels, primary: 'corners', fine: 'shape' });
    expect(dataset.levels['shape']).toEqual({
      name: 'shape',
      classes: levels.shape,
      parent: { level: 'corners', of: [0, 0, 1, 1] },
    });
    expect([...dataset.train.labels['corners']!]).toEqual([0, 0, 1, 0, 0, 1]);
  });

  it.each<[IdxType, number[], number[], number]>([
    ['u8', [6, 4], [4], 23 / 255],
    ['f32', [6, 4], [4], 23],
    ['i16', [6, 2, 2], [2, 2, 1], 23],
    ['f64', [6, 2, 1, 2], [2, 1, 2], 23],
  ])('reads %s inputs of shape %j', async (type, shape, inputShape, last) => {
    const trainImages = folder.write('inputs', images(type, shape));
    const dataset = await load({ trainImages, testImages: trainImages, testLabels: files.trainLabels });
    expect(dataset.inputShape).toEqual(inputShape);
    using batch = dataset.train.inputs(Int32Array.of(5));
    expect(batch.shape).toEqual([1, ...inputShape]);
    expect(batch.dataSync()[3]).toBeCloseTo(last, 6);
  });

  it('multiplies inputs by scale', async () => {
    using batch = (await load({ scale: 2 })).train.inputs(Int32Array.of(0));
    expect([...batch.dataSync()]).toEqual([0, 2, 4, 6, 8, 10]);
  });

  it.each<[string, Record<string, Uint8Array>, string]>([
    [
      'counts that differ',
      { trainLabels: idxBytes('u8', [5], numbers(5)) },
      'trainLabels, byte 4: 5 labels for the 6 samples',
    ],
    ['labels in a table', { trainLabels: idxBytes('u8', [6, 1], numbers(6)) }, 'trainLabels, byte 3: 2 dimensions'],
    [
      'labels with fractions',
      { trainLabels: idxBytes('f32', [6], numbers(6)) },
      'trainLabels, byte 2: labels of type f32',
    ],
    ['a negative label', { testLabels: idxBytes('i8', [3], [0, -1, 1]) }, 'testLabels, byte 9: label -1, but'],
    [
      'a huge label',
      { testLabels: idxBytes('i32', [3], [0, 2 ** 31 - 1, 1]) },
      'testLabels, byte 12: label 2147483647, but',
    ],
    ['one dimension', { trainImages: images('u8', [6]) }, 'trainImages, byte 3: 1 dimensions'],
    ['no samples', { trainImages: images('u8', [0, 2, 3]) }, 'trainImages, byte 4: dimension 0 is 0'],
    ['inputs of no size', { trainImages: images('u8', [6, 2, 0]) }, 'trainImages, byte 12: dimension 2 is 0'],
    ['two input shapes', { trainImages: images('u8', [6, 3, 3]) }, 'inputs of 2 x 3 x 1, but those of'],
    [
      'NaN',
      { trainImages: idxBytes('f32', [6, 1], [0, 1, NaN, 3, 4, 5]) },
      'trainImages, byte 20: NaN is no finite float32',
    ],
    [
      'a double too large',
      { trainImages: idxBytes('f64', [6, 1], [0, 1e39, 2, 3, 4, 5]) },
      'byte 20: 1e+39 is no finite',
    ],
  ])('refuses %s, naming file and byte', async (_, wrong, message) => {
    const paths = Object.entries(wrong).map(([key, bytes]) => [key, folder.write(key, bytes)] as const);
    await expect(load(Object.fromEntries(paths))).rejects.toThrow(message);
  });

  it('refuses a label that the list of names does not reach', async () => {
    await expect(load({ levels: { shape: ['disc', 'ring', 'box'] } })).rejects.toThrow(
      'test-labels (unpacked), byte 16: label 3, but the 3 classes of level "shape" are 0 to 2',
    );
  });

  it('refuses two lists of class names', async () => {
    const four = ['a', 'b', 'c', 'd'];
    await expect(load({ levels: { one: four, two: four } })).rejects.toThrow(
      'dataset.levels.two: lists class names, but "one" already does',
    );
  });
});
