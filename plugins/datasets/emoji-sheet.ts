import { DataError } from '../../core/errors/index.js';
import { decodePixels } from './decode-image.js';

/** Pictures are 32 pixels wide and high, each in a border of one. */
export const tileSize = 32;
const pitch = tileSize + 2;
const tileRow = tileSize * 3;

/** A sheet of pictures, on white. */
export interface EmojiSheet {
  /**
   * Copies the picture at a column and row to `offset` in `images`, as bytes `[32, 32, 3]`.
   * @throws DataError for a place outside the sheet.
   */
  copy(tile: readonly [column: number, row: number], images: Uint8Array, offset: number): void;
}

/**
 * Reads emoji-data's sheet of 32-pixel pictures.
 * @throws DataError for a file that is missing, damaged or no image.
 */
export async function readEmojiSheet(path: string): Promise<EmojiSheet> {
  const { pixels, width, height } = await decodePixels(path, 2 ** 24);
  return {
    copy([column, row], images, offset) {
      const [left, top] = [column * pitch + 1, row * pitch + 1];
      if (left + tileSize > width || top + tileSize > height)
        throw new DataError(
          'data/outside-sheet',
          `${path}: ${width} x ${height} pixels have no picture in column ${column}, row ${row}`,
          { hint: 'emoji.json and the sheet must come from the same version of emoji-datasource-google.' },
        );
      for (let line = 0; line < tileSize; line++) {
        const from = ((top + line) * width + left) * 3;
        images.set(pixels.subarray(from, from + tileRow), offset + line * tileRow);
      }
    },
  };
}
