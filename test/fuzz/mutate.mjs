import fc from 'fast-check';

/** Numbers at which counts, lengths and offsets turn over. */
const edges = [0, 1, 2, 3, 7, 8, 127, 128, 255, 256, 0x7fff, 0xffff, 2 ** 24, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];

/** Near the beginning, where headers are, or anywhere. */
const place = fc.oneof({ arbitrary: fc.nat(160), weight: 3 }, { arbitrary: fc.nat(), weight: 1 });

/** @typedef {(bytes: Buffer) => Buffer} Change */

/** @type {fc.Arbitrary<Change>} */
const change = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([at, bit]) => edited((bytes, i) => (bytes[i] = (bytes[i] ?? 0) ^ (1 << bit)), at)),
  fc.tuple(place, fc.nat(255)).map(([at, value]) => edited((bytes, i) => (bytes[i] = value), at)),
  fc.tuple(place, fc.constantFrom(...edges), fc.boolean()).map(([at, value, little]) =>
    edited((bytes, i) => {
      const word = Buffer.alloc(4);
      if (little) word.writeUInt32LE(value);
      else word.writeUInt32BE(value);
      word.copy(bytes, i);
    }, at),
  ),
  fc.tuple(place).map(
    ([at]) =>
      (/** @type {Buffer} */ bytes) =>
        bytes.subarray(0, at % (bytes.length + 1)),
  ),
  fc
    .uint8Array({ minLength: 1, maxLength: 16 })
    .map((tail) => (/** @type {Buffer} */ bytes) => Buffer.concat([bytes, tail])),
  fc.tuple(place, fc.nat(64), fc.nat(3)).map(([at, length, times]) => (/** @type {Buffer} */ bytes) => {
    const from = at % (bytes.length + 1);
    const piece = bytes.subarray(from, from + length);
    return Buffer.concat([bytes.subarray(0, from), ...Array(times).fill(piece), bytes.subarray(from + length)]);
  }),
);

/**
 * @param {(bytes: Buffer, index: number) => void} edit
 * @param {number} at
 * @returns {Change}
 */
const edited = (edit, at) => (bytes) => {
  if (bytes.length === 0) return bytes;
  const copy = Buffer.from(bytes);
  edit(copy, at % copy.length);
  return copy;
};

/** No change or a few: flipped bits, other bytes and words, cut off, gone on, doubled and lost pieces. */
export const changes = fc
  .oneof(fc.constant(/** @type {Change[]} */ ([])), fc.array(change, { minLength: 1, maxLength: 3 }))
  .map((all) => (/** @type {Uint8Array} */ bytes) => {
    /** @type {Buffer} */
    let changed = Buffer.from(bytes);
    for (const each of all) changed = each(changed);
    return changed;
  });

/**
 * Files of `valid` that were changed a little.
 *
 * @param {fc.Arbitrary<Uint8Array>} valid
 */
export const mutated = (valid) => fc.tuple(valid, changes).map(([bytes, apply]) => apply(bytes));

/** How often a piece is repeated: mostly hardly, sometimes as often as an attack would. */
export const often = fc.oneof(
  { arbitrary: fc.nat(4), weight: 60 },
  { arbitrary: fc.constantFrom(100, 1000), weight: 4 },
  { arbitrary: fc.constantFrom(20_000, 100_000), weight: 1 },
);

/** Names that reach into JavaScript's own objects, out of folders, or nowhere. */
export const evilNames = fc.constantFrom(
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  '../../evil',
  '/etc/evil',
  '..',
  '.',
  '',
  ' ',
  'a\0b',
  'C:\\evil',
  'con',
  '\u202egnp.exe',
  '<<',
);
