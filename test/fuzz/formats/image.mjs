import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { mutated } from '../mutate.mjs';

const square = sharp({
  create: { width: 12, height: 9, channels: 4, background: { r: 200, g: 30, b: 90, alpha: 0.5 } },
});
/** Valid files of every format that is read, one as a camera writes it turned, and of one that isn't. */
const valid = await Promise.all([
  square.clone().png().toBuffer(),
  square.clone().png({ palette: true }).toBuffer(),
  square.clone().jpeg().toBuffer(),
  square.clone().jpeg({ progressive: true }).withMetadata({ orientation: 6 }).toBuffer(),
  square.clone().webp().toBuffer(),
  square.clone().webp({ lossless: true }).toBuffer(),
  square.clone().gif().toBuffer(),
]);

/**
 * @param {string} type
 * @param {Uint8Array} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE(checksum(body));
  return Buffer.concat([length, body, check]);
}

/** The CRC of PNG's chunks; Node has it built in from version 22.2. */
function checksum(/** @type {Uint8Array} */ bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A PNG of any claimed size, over as many empty rows as it has, or fewer. */
const bomb = fc
  .record({
    width: fc.constantFrom(0, 1, 64, 4096, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 32 - 1),
    height: fc.constantFrom(0, 1, 64, 4096, 65_535, 2 ** 24, 2 ** 31 - 1, 2 ** 32 - 1),
    depth: fc.constantFrom(1, 8, 16),
    colour: fc.constantFrom(0, 2, 3, 4, 6),
    bytes: fc.constantFrom(0, 100, 2 ** 16, 2 ** 22),
  })
  .map(({ width, height, depth, colour, bytes }) => {
    const header = Buffer.alloc(13);
    header.writeUInt32BE(width);
    header.writeUInt32BE(height, 4);
    header.set([depth, colour], 8);
    const parts = [
      chunk('IHDR', header),
      chunk('IDAT', deflateSync(Buffer.alloc(bytes), { level: 1 })),
      chunk('IEND', Buffer.alloc(0)),
    ];
    return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), ...parts]);
  });

/** @type {import('./index.mjs').Format} */
export const imageFormat = {
  name: 'image',
  inputs: fc
    .oneof(
      { arbitrary: mutated(fc.constantFrom(...valid)), weight: 12 },
      { arbitrary: bomb, weight: 2 },
      { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 1 },
    )
    .map((file) => ({ files: { file } })),
  async read({ decodeImage }, folder) {
    const pixels = await decodeImage(`${folder}/file`, { size: 8, channels: 3, maxPixels: 2 ** 20 });
    if (pixels.length !== 8 * 8 * 3) throw new Error(`${pixels.length} bytes of 8 x 8 x 3`);
  },
};
