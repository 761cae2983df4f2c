import type { Sharp } from 'sharp';
import { DataError } from '../../core/errors/index.js';
import { readWhole } from './open-file.js';

/** What an image becomes. */
export interface ImageForm {
  /** Height and width. */
  readonly size: number;
  /** 1 for grey, 3 for red, green and blue. */
  readonly channels: 1 | 3;
  /** Images of more pixels are refused before they are decoded. */
  readonly maxPixels: number;
}

/** How the formats that are read begin; any character stands where the pattern has a dot. */
const signatures = { PNG: '\x89PNG\r\n\x1a\n', JPEG: '\xff\xd8\xff', WebP: 'RIFF....WEBP' };
const beginsWith = (bytes: Buffer, signature: string): boolean =>
  bytes.length >= signature.length &&
  Array.from(signature).every((char, i) => char === '.' || char.charCodeAt(0) === bytes[i]);
/** No image of a pixel limit fills more bytes for each (16 bits for four channels), but for what stands around it. */
const [bytesPerPixel, extraBytes] = [8, 2 ** 20];

/**
 * Decodes a PNG, JPEG or WebP file: turned upright, on white where it is transparent, its middle square scaled to the size.
 * @returns bytes `[size, size, channels]`.
 * @throws DataError for a file that is missing, damaged, no such image or too large.
 */
export const decodeImage = (path: string, { size, channels, maxPixels }: ImageForm): Promise<Uint8Array> =>
  decode(path, maxPixels, (image) =>
    image
      .autoOrient()
      .flatten({ background: 'white' })
      .resize(size, size)
      .toColourspace(channels === 1 ? 'b-w' : 'srgb')
      .raw()
      .toBuffer(),
  );

/**
 * Decodes a PNG, JPEG or WebP file as it is, on white where it is transparent.
 * @returns bytes `[height, width, 3]` with their sizes.
 * @throws DataError as `decodeImage` does.
 */
export const decodePixels = (path: string, maxPixels: number) =>
  decode(path, maxPixels, async (image) => {
    const form = image.flatten({ background: 'white' }).toColourspace('srgb').raw();
    const { data, info } = await form.toBuffer({ resolveWithObject: true });
    return { pixels: data, width: info.width, height: info.height };
  });

async function decode<T>(path: string, maxPixels: number, work: (image: Sharp) => Promise<T>): Promise<T> {
  const limit = maxPixels * bytesPerPixel + extraBytes;
  const bytes = await readWhole(path, limit, `an image of ${maxPixels} pixels`);
  const formats = Object.keys(signatures).join(', ');
  if (!Object.values(signatures).some((signature) => beginsWith(bytes, signature)))
    throw new DataError('data/wrong-magic', `${path}, byte 0: does not begin an image of the formats ${formats}`, {
      hint: 'The file may be empty, or of another kind than its name says.',
    });

  const { default: sharp } = await import('sharp');
  try {
    return await work(sharp(bytes, { limitInputPixels: maxPixels }));
  } catch (cause) {
    const { message } = cause as Error;
    if (message.includes('pixel limit'))
      throw new DataError('data/too-many-pixels', `${path}: an image of more than ${maxPixels} pixels`, { cause });
    throw new DataError('data/corrupt-image', `${path}: ${message.trim()}`, {
      hint: 'The download or copy may have stopped half-way; fetch the file again.',
      cause,
    });
  }
}
