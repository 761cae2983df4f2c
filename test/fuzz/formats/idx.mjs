import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { changes, mutated } from '../mutate.mjs';

const types = { 0x08: 1, 0x09: 1, 0x0b: 2, 0x0c: 4, 0x0d: 4, 0x0e: 8 };
const size = fc.oneof(
  { arbitrary: fc.nat(4), weight: 8 },
  { arbitrary: fc.constantFrom(2 ** 16, 2 ** 31, 2 ** 32 - 1), weight: 1 },
);

/**
 * Inputs of `count` samples, and arrays of too many dimensions or that promise what isn't there.
 *
 * @param {number} count
 */
const array = (count) =>
  fc
    .record({
      code: fc.constantFrom(.../** @type {(keyof typeof types)[]} */ (Object.keys(types).map(Number))),
      shape: fc.oneof(
        {
          arbitrary: fc
            .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
            .map((rest) => [count, ...rest]),
          weight: 6,
        },
        { arbitrary: fc.array(size, { maxLength: 6 }), weight: 2 },
        { arbitrary: fc.array(fc.constantFrom(0, 2 ** 32 - 1), { minLength: 30, maxLength: 255 }), weight: 1 },
      ),
      filler: fc.nat(255),
    })
    .map(({ code, shape, filler }) => idx(code, shape, filler));

/**
 * @param {keyof typeof types} code
 * @param {readonly number[]} shape
 * @param {number} filler
 */
function idx(code, shape, filler) {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([code, shape.length], 2);
  shape.forEach((length, i) => header.writeUInt32BE(length, 4 + 4 * i));
  const bytes = shape.reduce((product, length) => product * length, types[code]);
  return Buffer.concat([header, Buffer.alloc(Number.isFinite(bytes) ? Math.min(bytes, 4096) : 5, filler)]);
}

/** @type {Map<string, Buffer>} */
const bombs = new Map();

/** A few kilobytes that unpack to megabytes, under a header that promises them or more. */
const bomb = fc.tuple(fc.constantFrom(2, 16, 64), fc.boolean()).map(([megabytes, honest]) => {
  const key = `${megabytes} ${honest}`;
  const header = idx(8, [honest ? megabytes : 2 ** 32 - 1, 1024, 1024], 0).subarray(0, 16);
  const made = bombs.get(key) ?? gzipSync(Buffer.concat([header, Buffer.alloc(megabytes * 2 ** 20)]), { level: 1 });
  bombs.set(key, made);
  return made;
});

const labels = (/** @type {number} */ count) => fc.nat(9).map((label) => idx(8, [count], label));

/** @param {fc.Arbitrary<Uint8Array>} plain */
const packed = (plain) => fc.tuple(plain, changes).map(([bytes, apply]) => apply(gzipSync(bytes, { level: 1 })));

/** @type {import('./index.mjs').Format} */
export const idxFormat = {
  name: 'idx',
  inputs: fc
    .integer({ min: 1, max: 4 })
    .chain((count) =>
      fc.record({
        images: fc.oneof(
          { arbitrary: mutated(array(count)), weight: 200 },
          { arbitrary: packed(array(count)), weight: 100 },
          { arbitrary: fc.uint8Array({ maxLength: 40 }), weight: 15 },
          { arbitrary: bomb, weight: 1 },
        ),
        labels: fc.oneof({ arbitrary: labels(count), weight: 3 }, { arbitrary: mutated(labels(count)), weight: 1 }),
      }),
    )
    .map((files) => ({ files })),
  async read({ idxDataset, Random, use }, folder) {
    const [images, labels] = [`${folder}/images`, `${folder}/labels`];
    use(
      await idxDataset({
        name: 'fuzz',
        files: { trainImages: images, trainLabels: labels, testImages: images, testLabels: labels },
        base: { name: 'class' },
        groupings: {},
        options: { batch: 2, validation: 0, heldOut: 0, normalise: 'none' },
        random: new Random(1),
      }),
    );
  },
};
