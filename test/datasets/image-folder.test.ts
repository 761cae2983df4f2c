import 'reflect-metadata';
import { execFileSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import sharp from 'sharp';
import { Random } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import type { Split } from '../../core/stages/index.js';
import { Cinic10, Cinic10Config } from '../../plugins/datasets/cinic10.js';
import { decodeImage } from '../../plugins/datasets/decode-image.js';
import { ImageFolder, ImageFolderConfig } from '../../plugins/datasets/image-folder.js';
import { room } from '../../plugins/datasets/room.js';
import { temporaryFolder } from './folder.js';

const folder = temporaryFolder();
type Colour = readonly [number, number, number];
type Format = 'png' | 'jpeg' | 'webp';
const picture = (colour: Colour, size = 4, format: Format = 'png') => {
  const [r, g, b] = colour;
  return sharp({ create: { width: size, height: size, channels: 3, background: { r, g, b } } })
    .toFormat(format)
    .toBuffer();
};

let trees = 0;
/** A folder with these files, each the bytes given or a picture of one colour. */
async function tree(files: Record<string, Uint8Array | Colour>): Promise<string> {
  const root = join(folder.path, `tree-${trees++}`);
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(dirname(path), { recursive: true });
    const bytes =
      content instanceof Uint8Array
        ? content
        : await picture(content, 4, name.endsWith('.webp') ? 'webp' : /jpe?g$/i.test(name) ? 'jpeg' : 'png');
    writeFileSync(path, bytes);
  }
  return root;
}
const load = (path: string, config: object = {}) =>
  new ImageFolder(ImageFolderConfig.parse({ path, size: 2, ...config }), new Random(1)).load();
const reds = ({ inputs, size }: Split) => {
  using batch = inputs(Int32Array.from({ length: size }, (_, i) => i));
  const values = batch.dataSync();
  const width = values.length / size;
  return Array.from({ length: size }, (_, i) => Math.round(values[i * width]! * 255));
};

const flat = {
  'train/cat/b.png': [20, 0, 0],
  'train/cat/a.png': [10, 0, 0],
  'train/dog/c.jpg': [30, 30, 30],
  'test/dog/x.webp': [200, 0, 0],
} as const;

describe('ImageFolder', () => {
  it('reads PNG, JPEG and WebP in the order of their names, classes by folder', async () => {
    const root = await tree({
      ...flat,
      'train/cat/.hidden.png': Buffer.from('x'),
      'train/cat/notes.txt': Buffer.from('x'),
    });
    const { train, test, levels, inputShape, primary, validation } = await load(root);
    expect([primary, inputShape, validation]).toEqual(['class', [2, 2, 3], undefined]);
    expect(levels['class']!.classes).toEqual(['cat', 'dog']);
    expect([...train.labels['class']!]).toEqual([0, 0, 1]);
    expect(reds(train)).toEqual([10, 20, expect.closeTo(30, -1)]);
    expect([...test.labels['class']!]).toEqual([1]);
    expect(reds(test)[0]).toBeGreaterThan(190);
  });

  it('tests on all classes in turn, and reads no more images than it tests on', async () => {
    const root = await tree({
      'train/a/1.png': [0, 0, 0],
      'train/b/1.png': [0, 0, 0],
      'test/a/1.png': [1, 0, 0],
      'test/a/2.png': [2, 0, 0],
      'test/a/3.png': Buffer.from('broken'),
      'test/b/1.png': [4, 0, 0],
    });
    const { test } = await load(root, { test: 3 });
    expect(reds(test)).toEqual([1, 4, 2]);
    expect([...test.labels['class']!]).toEqual([0, 1, 0]);
    await expect(load(root, { test: 4 })).rejects.toThrow('test/a/3.png');
  });

  it('keeps every pixel of an image that has the size already', async () => {
    const pixels = Uint8Array.from({ length: 32 * 32 * 3 }, (_, i) => (i * 37) % 256);
    const bytes = await sharp(pixels, { raw: { width: 32, height: 32, channels: 3 } })
      .png()
      .toBuffer();
    const root = await tree({ 'train/a/1.png': bytes, 'test/a/1.png': bytes });
    using batch = (await load(root, { size: 32 })).train.inputs(Int32Array.of(0));
    expect(Uint8Array.from(batch.dataSync(), (value) => Math.round(value * 255))).toEqual(pixels);
  });

  it('makes grey images, and white of what is transparent', async () => {
    const clear = await sharp({
      create: { width: 3, height: 3, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .png()
      .toBuffer();
    const root = await tree({ 'train/a/1.png': [0, 255, 0], 'test/a/1.png': clear });
    const { inputShape, train, test } = await load(root, { channels: 1 });
    expect(inputShape).toEqual([2, 2, 1]);
    expect(reds(train)[0]).toBeGreaterThan(100);
    expect(reds(test)).toEqual([255]);
  });

  it('makes bytes of 16-bit, palette and grey images alike', async () => {
    const raw = { raw: { width: 2, height: 2, channels: 1 as const } };
    const grey = await sharp(Uint8Array.of(0, 90, 180, 255), raw)
      .toColourspace('b-w')
      .png()
      .toBuffer();
    const deep = await sharp(Uint8Array.of(0, 90, 180, 255), raw)
      .toColourspace('grey16')
      .png()
      .toBuffer();
    const palette = await sharp(Uint8Array.of(0, 90, 180, 255), raw)
      .png({ palette: true })
      .toBuffer();
    for (const bytes of [grey, deep, palette])
      for (const channels of [1, 3] as const) {
        const values = await decodeImage(folder.write('any.png', bytes), { size: 2, channels, maxPixels: 100 });
        expect([...values].filter((_, i) => i % channels === 0)).toEqual([0, 90, 180, 255]);
        expect(values).toHaveLength(4 * channels);
      }
  });

  it('makes levels of nested folders, coarse to fine, and groups of the finest', async () => {
    const root = await tree({
      'train/animal/cat/1.png': [1, 0, 0],
      'train/animal/other/1.png': [2, 0, 0],
      'train/thing/car/1.png': [3, 0, 0],
      'train/thing/other/1.png': [4, 0, 0],
      'test/thing/car/1.png': [5, 0, 0],
    });
    const { levels, train } = await load(root, { primary: 'group', fine: 'class' });
    expect(levels['class']).toEqual({
      name: 'class',
      classes: ['cat', 'animal/other', 'car', 'thing/other'],
      parent: { level: 'group', of: [0, 0, 1, 1] },
    });
    expect([...train.labels['group']!]).toEqual([0, 0, 1, 1]);
    const named = await load(root, {
      folders: ['kind', 'what'],
      levels: { lives: { yes: ['cat', 1], no: ['car', 3] } },
    });
    expect(Object.keys(named.levels).sort()).toEqual(['kind', 'lives', 'what']);
    await expect(load(root, { folders: ['kind'] })).rejects.toBeInstanceOf(ConfigError);
  });

  it('uses a validation folder, all of it or what is drawn from it', async () => {
    const root = await tree({
      ...flat,
      'valid/cat/1.png': [50, 0, 0],
      'valid/cat/2.png': [60, 0, 0],
      'valid/dog/3.png': [70, 0, 0],
    });
    const all = await load(root);
    expect([reds(all.validation!), all.train.size]).toEqual([[50, 60, 70], 3]);
    expect((await load(root, { validation: 2 })).validation!.size).toBe(2);
    await expect(load(root, { validation: 4 })).rejects.toThrow('4 asked for, but there are 3 validation samples');
    const merged = await load(root, { splits: { train: ['train', 'valid'] } });
    expect([merged.train.size, merged.validation]).toEqual([6, undefined]);
    const tested = await load(root, { splits: { test: 'valid' } });
    expect([tested.test.size, tested.validation]).toEqual([3, undefined]);
  });

  it.each<[string, Record<string, Uint8Array | Colour>, string]>([
    ['no train folder', { 'test/a/1.png': [0, 0, 0] }, 'train: no such file'],
    [
      'a class folder without images',
      { ...flat, 'train/eel/notes.txt': Buffer.from('x') },
      'train/eel: holds no images',
    ],
    ['an image in no class', { ...flat, 'train/lost.png': [0, 0, 0] }, 'train/lost.png: lies in no class folder'],
    [
      'images at two depths',
      { ...flat, 'train/dog/big/1.png': [0, 0, 0] },
      'train/dog/big/1.png: lies 2 class folders deep, others 1',
    ],
    [
      'a class that only tests',
      { ...flat, 'test/eel/1.png': [0, 0, 0] },
      'test/eel/1.png: no training image is of class "eel"',
    ],
    [
      'text named like an image',
      { ...flat, 'train/dog/d.png': Buffer.from('hello') },
      'train/dog/d.png, byte 0: does not begin an image',
    ],
    [
      'an SVG',
      { ...flat, 'train/dog/d.png': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>') },
      'd.png, byte 0: does not',
    ],
    ['an empty file', { ...flat, 'train/dog/d.png': Buffer.alloc(0) }, 'train/dog/d.png, byte 0: does not'],
  ])('refuses %s, naming it', async (_, files, message) => {
    const refused = load(await tree(files));
    await expect(refused).rejects.toBeInstanceOf(DataError);
    await expect(refused).rejects.toThrow(message);
  });

  it('names the first broken image in the order of names', async () => {
    const good = await picture([1, 2, 3], 40);
    const broken = good.subarray(0, good.length - 20);
    const root = await tree({ ...flat, 'train/dog/z.png': broken, 'train/dog/k.png': broken });
    await expect(load(root)).rejects.toMatchObject({
      code: 'data/corrupt-image',
      message: expect.stringContaining('/train/dog/k.png, byte '),
    });
  });

  it.each(['png', 'jpeg'] as const)('says at which byte a %s file ends too early', async (format) => {
    const whole = await sharp(await picture([1, 2, 3], 40))
      .toFormat(format)
      .toBuffer();
    const cut = whole.subarray(0, whole.length - 20);
    const root = await tree({ ...flat, 'train/dog/z.png': cut });
    await expect(load(root)).rejects.toThrow(
      `train/dog/z.png, byte ${cut.length}: the file ends before the ${format.toUpperCase()} image does`,
    );
  });

  it('refuses more pixels than the limit before decoding them, whatever the file promises', async () => {
    const bomb = await sharp({ create: { width: 6000, height: 6000, channels: 3, background: 'black' } })
      .png({ compressionLevel: 9 })
      .toBuffer();
    expect(bomb.length).toBeLessThan(2 ** 18);
    const root = await tree({ ...flat, 'train/dog/bomb.png': bomb });
    const before = process.memoryUsage().rss;
    await expect(load(root)).rejects.toMatchObject({
      code: 'data/too-many-pixels',
      message: expect.stringContaining('bomb.png'),
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 2 ** 20);
    await expect(load(root, { maxPixels: 15 })).rejects.toMatchObject({ code: 'data/too-many-pixels' });
  });

  it('refuses a file larger than any image within the limit without reading it', async () => {
    const root = await tree(flat);
    truncateSync(join(root, 'train/cat/a.png'), 2 ** 40);
    await expect(load(root)).rejects.toMatchObject({ code: 'data/too-large' });
  });

  it('follows links, but not in a circle', async () => {
    const root = await tree(flat);
    renameSync(join(root, 'train'), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(root, 'train'));
    expect((await load(root)).train.size).toBe(3);
    symlinkSync(join(root, 'elsewhere'), join(root, 'elsewhere', 'dog', 'again'));
    await expect(load(root)).rejects.toMatchObject({ code: 'data/repeated-folder' });
    rmSync(join(root, 'elsewhere', 'dog', 'again'));
  });
});

describe('hostile folders', () => {
  it('whose links multiply each other are refused at the second way into a folder', async () => {
    const root = await tree(flat);
    for (let i = 0; i < 30; i++) symlinkSync('..', join(root, 'train/cat', `link${i}`));
    await expect(load(root)).rejects.toMatchObject({
      code: 'data/repeated-folder',
      message: `${join(root, 'train/cat/link0')}: the same folder as ${join(root, 'train')}`,
    });
  });

  it('with a device in the place of an image are refused without reading it', async () => {
    const root = await tree(flat);
    symlinkSync('/dev/zero', join(root, 'train/cat/z.png'));
    await expect(load(root)).rejects.toThrow('z.png: a pipe or device, not a file');
  });

  it('with a pipe in the place of an image are refused without waiting for it', async () => {
    const root = await tree(flat);
    execFileSync('mkfifo', [join(root, 'train/cat/z.png')]);
    await expect(load(root)).rejects.toThrow('z.png: a pipe or device, not a file');
  });

  it('whose images would take more memory than an array has are refused before they are read', () => {
    expect(() => room(2 ** 32 + 1, '9 images')).toThrow(
      '9 images: 4294967297 bytes of samples; at most 4294967296 are kept in memory',
    );
  });
});

describe('decodeImage', () => {
  it.each<Format>(['png', 'jpeg', 'webp'])(
    'reads or refuses a %s with any byte changed, or cut off',
    async (format) => {
      const noise = Uint8Array.from({ length: 24 * 24 * 3 }, (_, i) => (i * i * 31) % 256);
      const good = await sharp(noise, { raw: { width: 24, height: 24, channels: 3 } })
        .toFormat(format)
        .toBuffer();
      const form = { size: 8, channels: 3, maxPixels: 10_000 } as const;
      await fc.assert(
        fc.asyncProperty(fc.nat(good.length - 1), fc.nat(255), fc.boolean(), async (position, value, cut) => {
          const bytes = cut ? good.subarray(0, position) : Uint8Array.from(good);
          if (!cut) bytes[position] = value;
          const result = await decodeImage(folder.write(`mutated.${format}`, bytes), form).catch(
            (error: unknown) => error,
          );
          if (!(result instanceof DataError)) expect(result).toHaveLength(192);
        }),
        { numRuns: 100 },
      );
    },
  );
});

describe('Cinic10', () => {
  it("reads its archive's folder with the validation split it has", async () => {
    const root = await tree({
      'CINIC-10/train/ship/a.png': [9, 0, 0],
      'CINIC-10/valid/ship/a.png': [8, 0, 0],
      'CINIC-10/test/ship/a.png': [7, 0, 0],
    });
    const cinic = (path: string) => new Cinic10(Cinic10Config.parse({ path }), new Random(1)).load();
    const { name, inputShape, validation } = await cinic(root);
    expect([name, inputShape, reds(validation!)]).toEqual(['cinic10', [32, 32, 3], [8]]);
    rmSync(join(root, 'CINIC-10/test'), { recursive: true });
    await expect(cinic(root)).rejects.toMatchObject({
      code: 'data/missing-file',
      hint: expect.stringMatching(/`dataset.path`.*auxflow data fetch cinic10/),
    });
  });
});
