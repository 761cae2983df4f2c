import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DataError } from '../../core/errors/index.js';
import { readIdx } from '../../plugins/datasets/idx-file.js';
import { temporaryFolder } from './folder.js';
import { idxBytes } from './idx-bytes.js';

const folder = temporaryFolder();
const bytes = idxBytes(
  'i16',
  [3, 5],
  Array.from({ length: 15 }, (_, i) => 100 * i - 700),
);

const outcome = async (file: Uint8Array) => {
  const path = folder.write('file', file);
  return readIdx(path).catch((error: unknown) => {
    if (error instanceof DataError) return error;
    throw error;
  });
};

describe('readIdx', () => {
  it('reads the same from a plain and a gzipped file, whatever their names', async () => {
    const plain = await readIdx(folder.write('misnamed.gz', bytes));
    const packed = await readIdx(folder.write('plain', gzipSync(bytes)));
    expect(plain.shape).toEqual([3, 5]);
    expect({ ...packed, at: 0 }).toEqual({ ...plain, at: 0 });
  });

  it('refuses a file that is not there, by name', async () => {
    const path = `${folder.path}/absent`;
    await expect(readIdx(path)).rejects.toMatchObject({ code: 'data/missing-file', message: `${path}: no such file` });
  });

  it('refuses a folder', async () => {
    await expect(readIdx(folder.path)).rejects.toMatchObject({ code: 'data/unreadable-file' });
  });

  it('refuses a gzipped file cut off at any byte', async () => {
    const packed = gzipSync(bytes);
    for (let length = 0; length < packed.length; length++)
      expect(await outcome(packed.subarray(0, length))).toBeInstanceOf(DataError);
  });

  it('refuses a gzipped file with a damaged body, and says where', async () => {
    const packed = gzipSync(bytes);
    packed[packed.length - 6]! ^= 0xff;
    expect(await outcome(packed)).toMatchObject({
      code: 'data/corrupt-gzip',
      message: expect.stringMatching(/file, near byte \d+: .+ in the gzip stream/),
    });
  });

  it('reads or refuses a gzipped file with any byte changed', async () => {
    const packed = gzipSync(bytes);
    await fc.assert(
      fc.asyncProperty(fc.nat(packed.length - 1), fc.integer({ min: 1, max: 255 }), async (position, flip) => {
        const mutated = Uint8Array.from(packed);
        mutated[position]! ^= flip;
        const result = await outcome(mutated);
        if (!(result instanceof DataError)) expect([...result.values]).toHaveLength(15);
      }),
    );
  });

  it('names the unpacked byte where a gzipped IDX file is at fault', async () => {
    expect(await outcome(gzipSync(bytes.subarray(0, 20)))).toMatchObject({
      code: 'data/truncated',
      message: expect.stringContaining('file (unpacked), byte 20'),
    });
  });

  it('refuses a gzipped file that unpacks to too much, before unpacking it', async () => {
    const bomb = gzipSync(Buffer.concat([idxBytes('u8', [2 ** 27], []), Buffer.alloc(2 ** 27)]));
    expect(bomb.length).toBeLessThan(2 ** 18);
    const before = process.memoryUsage().arrayBuffers;
    expect(await outcome(bomb)).toMatchObject({
      code: 'data/too-large',
      message: expect.stringContaining('may unpack to 67108864'),
      hint: expect.stringContaining('gunzip'),
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });

  it('stops unpacking soon after what the header promises, far from a damaged end', async () => {
    const bomb = gzipSync(Buffer.concat([idxBytes('u8', [4], [1, 2, 3, 4]), Buffer.alloc(2 ** 24)]));
    bomb[bomb.length - 6]! ^= 0xff;
    expect(await outcome(bomb)).toMatchObject({ code: 'data/too-long' });
  });
});
