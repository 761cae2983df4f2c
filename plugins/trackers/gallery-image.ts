import type { GalleryRow } from '../../core/report/index.js';
import type { Image } from './summary.js';

/** Pixels that a side of each picture gets at least, and between two of them. */
const [smallest, gap] = [56, 4];

/** Rows of pictures as one, a row for each auxiliary class, the highest assignment first. */
export async function galleryImage(rows: readonly GalleryRow[]): Promise<Image | undefined> {
  const { default: sharp } = await import('sharp');
  const first = rows.flatMap(({ images }) => images)[0];
  if (!first) return undefined;
  const scale = Math.ceil(smallest / Math.max(first.width, first.height));
  const [cellWidth, cellHeight] = [first.width * scale, first.height * scale];
  const columns = Math.max(...rows.map(({ images }) => images.length));
  const width = columns * (cellWidth + gap) - gap;
  const height = rows.length * (cellHeight + gap) - gap;
  const placed = rows.flatMap(({ images }, row) =>
    images.map(async ({ url }, column) => ({
      input: await sharp(Buffer.from(url.slice(url.indexOf(',') + 1), 'base64'))
        .resize(cellWidth, cellHeight, { kernel: 'nearest' })
        .png()
        .toBuffer(),
      left: column * (cellWidth + gap),
      top: row * (cellHeight + gap),
    })),
  );
  const canvas = sharp({ create: { width, height, channels: 3, background: 'white' } });
  const png = await canvas
    .composite(await Promise.all(placed))
    .removeAlpha()
    .toColourspace('srgb')
    .png()
    .toBuffer();
  return { png, width, height };
}
