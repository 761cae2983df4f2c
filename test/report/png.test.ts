import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { png } from '../../core/report/png.js';

describe('png', () => {
  it.each([1, 2, 3, 4])('of %s channels is read back as it was', async (channels) => {
    const pixels = Uint8Array.from({ length: 5 * 3 * channels }, (_, i) => (i * 37) % 256);
    const file = png(pixels, [5, 3, channels]);
    expect(await sharp(file).metadata()).toMatchObject({ format: 'png', width: 3, height: 5, channels });
    const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
    // Grey comes back as three equal channels.
    const kept = [[0], [0, 3], [0, 1, 2], [0, 1, 2, 3]][channels - 1]!;
    const read = Array.from({ length: 15 }, (_, i) => kept.map((channel) => data[i * info.channels + channel]!));
    expect(read.flat()).toEqual([...pixels]);
  });

  it('has the checksums that the format asks for', () => {
    // The last chunk is the same in every PNG file.
    expect(png(Uint8Array.of(0), [1, 1, 1]).subarray(-12).toString('hex')).toBe('0000000049454e44ae426082');
  });
});
