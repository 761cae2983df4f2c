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

/** How files of the formats that are read begin, any character standing where the pattern has a dot, and how they end. */
const formats = [
  { name: 'PNG', begins: '\x89PNG\r\n\x1a\n', ends: 'IEND\xaeB`\x82' },
  { name: 'JPEG', begins: '\xff\xd8\xff', ends: '\xff\xd9' },
  { name: 'WebP', begins: 'RIFF....WEBP' },
];
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
  const format = formats.find(({ begins }) => beginsWith(bytes, begins));
  if (!format) {
    const names = formats.map(({ name }) => name).join(', ');
    throw new DataError('data/wrong-magic', `${path}, byte 0: does not begin an image of the formats ${names}`, {
      hint: 'The file may be empty, or of another kind than its name says.',
    });
  }

  const { default: sharp } = await import('sharp');
  try {
    return await work(sharp(bytes, { limitInputPixels: maxPixels }));
  } catch (cause) {
    const { message } = cause as Error;
    if (message.includes('pixel limit'))
      throw new DataError('data/too-many-pixels', `${path}: an image of more than ${maxPixels} pixels`, { cause });
    const cut = format.ends !== undefined && !bytes.includes(format.ends, 'latin1');
    const where = cut ? `${path}, byte ${bytes.length}: the file ends before the ${format.name} image does` : path;
    throw new DataError('data/corrupt-image', `${where}: ${message.trim()}`, {
      hint: 'The download or copy may have stopped half-way; fetch the file again.',
      cause,
    });
  }
}
