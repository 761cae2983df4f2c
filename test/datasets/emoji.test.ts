import 'reflect-metadata';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { Random } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import type { Split } from '../../core/stages/index.js';
import { Emoji, EmojiConfig } from '../../plugins/datasets/emoji.js';
import { emojiGroups } from '../../plugins/datasets/emoji-groups.js';
import { temporaryFolder } from './folder.js';

const folder = temporaryFolder();
const load = (path: string | undefined, config: object = {}, seed = 1) =>
  new Emoji(EmojiConfig.parse({ path, ...config }), new Random(seed)).load();

const columns = 10;
const at = (tile: number) => ({ sheet_x: tile % columns, sheet_y: Math.floor(tile / columns), has_img_google: true });
type Entry = Record<string, unknown> & ReturnType<typeof at>;
const entry = (tile: number, subcategory: string, category: string, more: object = {}): Entry => ({
  unified: `1F${tile}`,
  category,
  subcategory,
  sort_order: 100 - tile,
  ...at(tile),
  ...more,
});

/** A package whose picture number n is grey of level n; `same` gives a picture the level of another. */
async function packaged(name: string, list: unknown, same: Record<number, number> = {}): Promise<string> {
  const side = columns * 34;
  const pixels = new Uint8Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const tile = Math.floor(x / 34) + columns * Math.floor(y / 34);
      const border = [x % 34, y % 34].some((offset) => offset === 0 || offset === 33);
      pixels[y * side + x] = border ? 255 : (same[tile] ?? tile);
    }
  const path = join(folder.path, name);
  mkdirSync(join(path, 'img/google/sheets'), { recursive: true });
  writeFileSync(join(path, 'emoji.json'), typeof list === 'string' ? list : JSON.stringify(list));
  const sheet = await sharp(pixels, { raw: { width: side, height: side, channels: 1 } })
    .png()
    .toBuffer();
  writeFileSync(join(path, 'img/google/sheets/32.png'), sheet);
  return path;
}

/** The grey level of every picture of a split, which must be the same all over. */
function tiles({ inputs, size }: Split): number[] {
  using batch = inputs(Int32Array.from({ length: size }, (_, i) => i));
  const values = Uint8Array.from(batch.dataSync(), (value) => Math.round(value * 255));
  return Array.from({ length: size }, (_, sample) => {
    const levels = new Set(values.subarray(sample * 3072, (sample + 1) * 3072));
    expect(levels.size).toBe(1);
    return [...levels][0]!;
  });
}

/** Eight hands with two skin tones each (pictures 0 to 23), eight animals (24 to 31), one part that is no emoji (32). */
const tones = (tile: number) => ({ skin_variations: { light: at(tile + 1), dark: at(tile + 2) } });
const list = [
  ...Array.from({ length: 8 }, (_, i) => entry(3 * i, i < 4 ? 'open' : 'closed', 'People', tones(3 * i))),
  ...Array.from({ length: 8 }, (_, i) => entry(24 + i, 'bird', 'Animals')),
  entry(32, 'skin-tone', 'Component'),
  { ...entry(33, 'bird', 'Animals'), has_img_google: false },
];

describe('Emoji', () => {
  it('slices the pictures of all skin tones, labelled by group and subgroup in the order of Unicode', async () => {
    const { train, test, levels, primary, inputShape } = await load(await packaged('whole', list));
    expect([primary, inputShape]).toEqual(['subgroup', [32, 32, 3]]);
    expect(levels['subgroup']).toEqual({
      name: 'subgroup',
      classes: ['bird', 'closed', 'open'],
      parent: { level: 'group', of: [0, 1, 1] },
    });
    expect(levels['group']!.classes).toEqual(['Animals', 'People']);
    expect([...tiles(train), ...tiles(test)].sort((a, b) => a - b)).toEqual([...Array(32).keys()]);
    for (const split of [train, test])
      for (const [sample, tile] of tiles(split).entries())
        expect(levels['subgroup']!.classes[split.labels['subgroup']![sample]!]).toBe(
          tile >= 24 ? 'bird' : tile < 12 ? 'open' : 'closed',
        );
  });

  it('tests on a quarter of the emoji of each subgroup, whatever the seed and the order of the list', async () => {
    const { test } = await load(await packaged('quarter', list));
    expect(tiles(test)).toHaveLength(1 * 3 + 1 * 3 + 2);
    expect([...test.labels['subgroup']!].sort()).toEqual([0, 0, 1, 1, 1, 2, 2, 2]);
    const other = await load(await packaged('reversed', [...list].reverse()), {}, 7);
    expect(tiles(other.test)).toEqual(tiles(test));
  });

  it('never shares an emoji between splits, even those drawn by seed', async () => {
    const path = await packaged('shared', list);
    for (const seed of [1, 2, 3, 4, 5]) {
      const { train, validation, heldOut, test } = await load(
        path,
        { validation: 5, heldOut: 3, primary: 'group' },
        seed,
      );
      const emoji = [train, validation!, heldOut!, test].map(
        (split) => new Set(tiles(split).map((tile) => (tile < 24 ? Math.floor(tile / 3) : tile))),
      );
      const total = emoji.reduce((sum, { size }) => sum + size, 0);
      expect(new Set(emoji.flatMap((own) => [...own])).size).toBe(total);
      expect([validation!.size, heldOut!.size]).toEqual([5, 3]);
    }
  });

  it('keeps emoji together that have a picture in common', async () => {
    const birds = Array.from({ length: 16 }, (_, i) => entry(i, 'bird', 'Animals'));
    const same = Object.fromEntries([...Array(16).keys()].map((tile) => [tile, Math.floor(tile / 4)]));
    const { train, test } = await load(await packaged('alike', birds, same));
    expect([test.size, train.size]).toEqual([4, 12]);
    expect(new Set(tiles(test)).size).toBe(1);
  });

  it.each<[string, unknown, string]>([
    ['text that is no JSON', '[{"unified": ', 'emoji.json: '],
    ['a list of something else', [{ name: 'x' }], 'emoji.json: 0.'],
    ['an empty list', [], 'emoji.json: the list'],
    [
      'a place outside the sheet',
      [entry(0, 'a', 'b'), entry(1, 'a', 'b', { sheet_x: 10 })],
      '340 x 340 pixels have no picture in column 10, row 0',
    ],
    ['a negative place', [entry(0, 'a', 'b', { sheet_x: -1 })], 'emoji.json: 0.sheet_x'],
  ])('refuses %s', async (_, content, message) => {
    const refused = load(await packaged('wrong', content));
    await expect(refused).rejects.toBeInstanceOf(DataError);
    await expect(refused).rejects.toThrow(message);
  });

  it('says how to install the package', async () => {
    await expect(load(join(folder.path, 'absent'))).rejects.toMatchObject({
      code: 'data/missing-dataset',
      hint: expect.stringMatching(/`dataset.path`.*npm install --no-save emoji-datasource-google` \(75 MB\)/),
    });
  });

  const installed = () => {
    try {
      return createRequire(import.meta.url).resolve('emoji-datasource-google/emoji.json') !== '';
    } catch {
      return false;
    }
  };
  (installed() ? it : it.skip)('reads the npm package', async () => {
    const { train, test, levels } = await load(undefined, { primary: 'group', fine: 'subgroup' });
    expect([levels['group']!.classes.length, levels['subgroup']!.classes.length]).toEqual([9, 98]);
    expect(train.size + test.size).toBe(3781);
    expect(test.size / 3781).toBeCloseTo(0.25, 1);
  });
});

describe('emojiGroups', () => {
  it('joins what looks alike, over others too', () => {
    const groups = emojiGroups([['a'], ['b'], ['c'], ['b', 'a', 'b'], ['d', 'c']]);
    expect(new Set([groups[0], groups[1], groups[3]]).size).toBe(1);
    expect(groups[2]).toBe(groups[4]);
    expect(groups[0]).not.toBe(groups[2]);
  });
});
