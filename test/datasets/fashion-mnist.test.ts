import 'reflect-metadata';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Random } from '../../core/engine/index.js';
import { FashionMnist, FashionMnistConfig } from '../../plugins/datasets/fashion-mnist.js';
import { temporaryFolder } from './folder.js';
import { idxBytes } from './idx-bytes.js';

const folder = temporaryFolder();
const load = (config: Record<string, unknown> = {}) =>
  new FashionMnist(FashionMnistConfig.parse(config), new Random(1)).load();
const installed = existsSync('/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz');

const images = idxBytes('u8', [10, 1, 1], new Array<number>(10).fill(0));
const labels = idxBytes('u8', [10], [...Array(10).keys()]);
for (const part of ['train', 't10k']) {
  folder.write(`${part}-images-idx3-ubyte`, images);
  folder.write(`${part}-labels-idx1-ubyte`, labels);
}

describe('FashionMnist', () => {
  it('has the published tree of 2, 6 and 10 classes', async () => {
    const { levels, train, primary } = await load({ path: folder.path });
    expect(primary).toBe('article');
    expect(levels['article']!.parent).toEqual({ level: 'group', of: [0, 1, 0, 2, 3, 5, 0, 5, 4, 5] });
    expect(levels['group']!.parent).toEqual({ level: 'domain', of: [0, 0, 0, 0, 1, 1] });
    expect(levels['domain']!.classes).toEqual(['clothes', 'goods']);
    const named = [...train.labels['group']!].map((label) => levels['group']!.classes[label]);
    expect([named[4], named[8], named[9]]).toEqual(['outers', 'accessories', 'shoes']);
  });

  it('takes levels of the pipeline beside its own', async () => {
    const sleeves = { long: ['pullover', 'coat', 'shirt', 'dress'], none: [0, 1, 5, 7, 8, 9] };
    const { levels } = await load({ path: folder.path, levels: { sleeves }, primary: 'sleeves', fine: 'article' });
    expect(levels['article']!.parent!.level).toBe('sleeves');
  });

  it('says how to get files that are missing', async () => {
    await expect(load({ path: `${folder.path}/none` })).rejects.toMatchObject({
      code: 'data/missing-dataset',
      hint: expect.stringMatching(/`dataset.path`.*auxflow data fetch fashion-mnist.*apt install/),
    });
  });

  (installed ? it : it.skip)("reads the files of Debian's package", async () => {
    const { train, test, levels } = await load({ primary: 'group', fine: 'article', validation: 1000 });
    expect([train.size, test.size]).toEqual([59_000, 10_000]);
    expect([...test.labels['article']!.subarray(0, 5)]).toEqual([9, 2, 1, 1, 6]);
    expect(levels['group']!.classes).toHaveLength(6);
  });
});
