import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { changes, mutated } from '../mutate.mjs';

/**
 * @param {number} type
 * @param {Uint8Array} data
 * @param {number} [promised]
 */
function element(type, data, promised = data.length) {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type);
  tag.writeUInt32LE(promised >>> 0, 4);
  return Buffer.concat([tag, data, Buffer.alloc((8 - (data.length % 8)) % 8)]);
}

/** @param {readonly number[]} values */
const words = (values) => Buffer.from(Int32Array.from(values).buffer);

/**
 * @param {string} name
 * @param {readonly number[]} shape
 * @param {number} type
 * @param {Uint8Array} data
 */
const variable = (name, shape, type, data) =>
  element(
    14,
    Buffer.concat([
      element(6, words([9, 0])),
      element(5, words(shape)),
      element(1, Buffer.from(name)),
      element(type, data),
    ]),
  );

const header = Buffer.alloc(128, ' ');
header.write('MATLAB 5.0 MAT-file');
header.write('\0\x01IM', 124, 'latin1');

const size = fc.oneof(fc.nat(4), fc.constantFrom(-1, 2 ** 31 - 1, 2 ** 16));
const numbers = fc
  .record({
    name: fc.constantFrom('X', 'y', '__proto__', ''),
    shape: fc.array(size, { maxLength: 6 }),
    type: fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 9, 12, 14, 18),
    data: fc.uint8Array({ maxLength: 32 }),
  })
  .map(({ name, shape, type, data }) => variable(name, shape, type, data));
const images = fc
  .integer({ min: 1, max: 2 })
  .map((count) => variable('X', [32, 32, 3, count], 2, Buffer.alloc(3072 * count, 9)));
const labels = fc
  .tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 0, max: 11 }))
  .map(([count, label]) => variable('y', [count, 1], 2, Buffer.alloc(count, label)));

/** @param {fc.Arbitrary<Uint8Array>} plain */
const packed = (plain) =>
  fc
    .tuple(plain, changes, changes)
    .map(([bytes, before, after]) => element(15, after(deflateSync(before(bytes), { level: 1 }))));

/** @type {Map<string, Buffer>} */
const bombs = new Map();

/** A few kilobytes that unpack to megabytes, as bytes and as wider numbers. */
const bomb = fc.tuple(fc.constantFrom(2, 16, 64), fc.constantFrom(1, 2, 9)).map(([megabytes, type]) => {
  const key = `${megabytes} ${type}`;
  const shape = [megabytes, 2 ** 20 / (type === 9 ? 8 : 1)];
  const made =
    bombs.get(key) ?? deflateSync(variable('X', shape, type, Buffer.alloc(megabytes * 2 ** 20)), { level: 1 });
  bombs.set(key, made);
  return element(15, made);
});

const elements = fc.oneof(
  { arbitrary: fc.tuple(images, labels), weight: 20 },
  { arbitrary: fc.tuple(packed(images), labels), weight: 20 },
  { arbitrary: fc.tuple(mutated(images), mutated(labels)), weight: 20 },
  { arbitrary: fc.array(fc.oneof(numbers, packed(numbers)), { maxLength: 3 }), weight: 60 },
  { arbitrary: fc.tuple(bomb), weight: 1 },
);

/** @type {import('./index.mjs').Format} */
export const matFormat = {
  name: 'mat',
  inputs: mutated(elements.map((all) => Buffer.concat([header, ...all]))).map((file) => ({ files: { file } })),
  async read({ readSvhn }, folder) {
    await readSvhn(`${folder}/file`);
  },
};
