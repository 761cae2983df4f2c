import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeWeights, readSafetensors, writeSafetensors } from '../../core/checkpoint/index.js';
import { tf } from '../../core/engine/index.js';

const folder = mkdtempSync(join(tmpdir(), 'auxflow-safetensors-'));
const file = join(folder, 'weights.safetensors');
afterAll(() => rmSync(folder, { recursive: true }));

const dispose = (tensors: Readonly<Record<string, tf.Tensor>>) => tf.dispose(Object.values(tensors));

/** A tensor as plain data. */
const described = fc
  .record({
    dtype: fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const),
    shape: fc.array(fc.nat(3), { maxLength: 4 }),
  })
  .chain(({ dtype, shape }) => {
    const size = shape.reduce((product, side) => product * side, 1);
    const value = {
      float32: fc.float(),
      int32: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      bool: fc.nat(1),
    }[dtype];
    return fc.record({
      dtype: fc.constant(dtype),
      shape: fc.constant(shape),
      values: fc.array(value, { minLength: size, maxLength: size }),
    });
  });
const named = fc.dictionary(
  fc.oneof(fc.constantFrom('trunk/conv1/kernel', 'b', '1', 'toString', '__proto__'), fc.string()),
  described,
  { maxKeys: 5 },
);

/** A file with this header and this much data. */
function writeRaw(header: unknown, data = Buffer.alloc(0)): void {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  writeFileSync(file, Buffer.concat([length, json, data]));
}

describe('safetensors', () => {
  it('gives back what was written, bit for bit', async () => {
    await fc.assert(
      fc.asyncProperty(named, fc.dictionary(fc.string(), fc.string()), async (plain, metadata) => {
        const tensors = Object.fromEntries(
          Object.entries(plain).map(([name, { dtype, shape, values }]) => {
            const typed = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[dtype].from(values);
            return [name, tf.tensor(typed, shape, dtype)];
          }),
        );
        await writeSafetensors(file, tensors, metadata);
        const read = await readSafetensors(file);
        expect(Object.keys(read.tensors).sort()).toEqual(Object.keys(plain).sort());
        for (const [name, tensor] of Object.entries(read.tensors)) {
          expect(tensor).toMatchObject({ dtype: plain[name]!.dtype, shape: plain[name]!.shape });
          expect([...tensor.dataSync()]).toEqual([...tensors[name]!.dataSync()]);
        }
        expect(Object.entries(read.metadata).sort()).toEqual(Object.entries(metadata).sort());
        dispose(tensors);
        dispose(read.tensors);
      }),
      { numRuns: 60 },
    );
  });

  it('writes the published layout', async () => {
    using b = tf.tensor1d([true, false], 'bool');
    using w = tf.tensor2d([[1, 2]], [1, 2]);
    await writeSafetensors(file, { b, w }, { epoch: '3' });
    const bytes = readFileSync(file);
    const length = Number(bytes.readBigUInt64LE());
    expect(length % 8).toBe(0);
    expect(bytes.toString('utf8', 8, 8 + length).trimEnd()).toBe(
      '{"__metadata__":{"epoch":"3"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
        '"b":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}}',
    );
    expect(bytes.subarray(8 + length).toString('hex')).toBe('0000803f00000040' + '0100');
  });

  it('writes the same bytes whatever the order', async () => {
    using a = tf.scalar(1);
    using b = tf.scalar(2);
    await writeSafetensors(file, { a, b });
    const first = readFileSync(file);
    await writeSafetensors(file, { b, a });
    expect(readFileSync(file).equals(first)).toBe(true);
  });

  it('refuses or reads a damaged file, without leaking a tensor or failing otherwise', async () => {
    using kernel = tf.range(0, 12).reshape([3, 4]);
    using flags = tf.tensor1d([true, false, true], 'bool');
    await writeSafetensors(file, { kernel, flags }, { note: 'x' });
    const intact = readFileSync(file);
    const before = tf.memory().numTensors;
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(intact.length - 1), fc.nat(255)), { maxLength: 3 }),
        fc.integer({ min: 0, max: intact.length + 9 }),
        async (edits, size) => {
          const bytes = Buffer.alloc(size);
          intact.copy(bytes);
          for (const [at, value] of edits) if (at < size) bytes[at] = value;
          writeFileSync(file, bytes);
          try {
            dispose((await readSafetensors(file)).tensors);
          } catch (error) {
            refused++;
            expect(error).toMatchObject({ name: 'DataError', message: expect.stringContaining(file) });
          }
          expect(tf.memory().numTensors).toBe(before);
        },
      ),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  // Bytes worked out by hand from the formats' definitions; the last two of F64 lie beyond and below what float32 tells apart.
  const float16 = {
    '003c': 1,
    '00c0': -2,
    '5535': 0.333251953125,
    ff7b: 65504,
    '0004': 2 ** -14,
    ff03: 1023 * 2 ** -24,
    '0100': 2 ** -24,
    '0080': -0,
    '007c': Infinity,
    '00fc': -Infinity,
    '017e': NaN,
  };
  const bfloat16 = { '803f': 1, '00c0': -2, '4940': 3.140625, '7f7f': 3.3895313892515355e38, '0100': 2 ** -133 };
  const float64 = {
    '000000000000f03f': 1,
    '00000000000000c0': -2,
    '9a9999999999b93f': Math.fround(0.1),
    '9c7500883ce4377e': Infinity,
    '010000000000f03f': 1,
  };
  it.each([
    ['F16', float16],
    ['BF16', bfloat16],
    ['F64', float64],
  ])('takes %s as weights, as float32, and in no checkpoint', async (dtype, values) => {
    const data = Buffer.from(Object.keys(values).join(''), 'hex');
    const count = Object.keys(values).length;
    const flag = { dtype: 'BOOL', shape: [1], data_offsets: [0, 1] };
    // The byte before them moves the numbers off their own alignment.
    writeRaw(
      { flag, a: { dtype, shape: [1, count], data_offsets: [1, 1 + data.length] } },
      Buffer.concat([Buffer.of(1), data]),
    );
    const { tensors } = decodeWeights(file, readFileSync(file));
    expect(tensors['a']).toMatchObject({ dtype: 'float32', shape: [1, count] });
    expect([...tensors['a']!.dataSync()]).toEqual(Object.values(values));
    dispose(tensors);
    const strict = readSafetensors(file);
    await expect(strict).rejects.toThrow(`tensor "a" has dtype "${dtype}"; known are F32, I32, BOOL`);
    await expect(strict).rejects.toMatchObject({ hint: 'Save this tensor as float32.' });
  });

  it('says what to do about weights of other types, and that damage is damage', () => {
    const decoded = (dtype: string) => {
      writeRaw({ a: { dtype, shape: [1], data_offsets: [0, 8] } }, Buffer.alloc(8));
      return () => decodeWeights(file, readFileSync(file));
    };
    for (const dtype of ['I64', 'U8', 'F8_E4M3', 'C64']) {
      expect(decoded(dtype)).toThrow(`"${dtype}"; known are F32, I32, BOOL, F16, BF16, F64`);
      expect(decoded(dtype)).toThrow(expect.objectContaining({ hint: 'Save this tensor as float32.' }));
    }
    expect(decoded('F99X')).toThrow(expect.objectContaining({ hint: expect.stringMatching(/damaged/) }));
    expect(decoded('F16')).toThrow('of shape [1] needs 2 bytes and has 8');
  });

  const entry = { dtype: 'F32', shape: [1], data_offsets: [0, 4] };
  it.each([
    ['a header that is not JSON', '{"a":', 'not JSON (at byte 8)'],
    ['a header that is a list', [], 'not a JSON object'],
    ['an unknown dtype', { a: { ...entry, dtype: 'F16' } }, 'dtype "F16"; known are F32, I32, BOOL'],
    ['an inherited dtype', { a: { ...entry, dtype: 'toString' } }, 'dtype "toString"'],
    ['a negative size', { a: { ...entry, shape: [-1] } }, 'no valid shape: [-1]'],
    ['a fractional size', { a: { ...entry, shape: [0.5] } }, 'no valid shape: [0.5]'],
    ['reversed offsets', { a: { ...entry, data_offsets: [4, 0] } }, 'ends outside'],
    ['offsets beyond the end', { a: { ...entry, data_offsets: [8, 12] } }, 'ends outside'],
    ['a size that overflows', { a: { ...entry, shape: [2 ** 40, 2 ** 40] } }, 'needs'],
    ['a shape of another size', { a: { ...entry, shape: [2] } }, 'needs 8 bytes and has 4'],
    ['an overlap', { a: entry, b: { ...entry, shape: [2], data_offsets: [0, 8] } }, 'overlaps'],
    ['a gap', { a: { ...entry, data_offsets: [4, 8] } }, 'follows a gap'],
    ['bytes of no tensor', { a: entry }, '4 bytes belong to no tensor'],
    ['metadata that is no map', { __metadata__: [], a: entry }, 'map of strings'],
    ['metadata that is no string', { __metadata__: { epoch: 3 }, a: entry }, 'map of strings'],
    [
      'sizes that overflow before a 0',
      { a: { ...entry, shape: [2 ** 32, 2 ** 32, 0], data_offsets: [0, 0] } },
      'tensor "a" has sizes that multiply to too much: [4294967296, 4294967296, 0]',
    ],
    ['too many dimensions', { a: { ...entry, shape: Array(255).fill(1) } }, 'tensor "a" has 255 dimensions'],
    ['a very long shape', { a: { ...entry, shape: Array(1e5).fill(-1) } }, /valid shape: \[(-1, ){32}\.\.\.\] \(at/],
    ['a very long name', { ['n'.repeat(1e5)]: { ...entry, dtype: 'F16' } }, 'n" has dtype "F16"'],
    ['an entry that is null', { a: null }, 'dtype undefined'],
  ])('refuses %s', async (_, header, message) => {
    writeRaw(header, Buffer.alloc(8));
    await expect(readSafetensors(file)).rejects.toThrow(message);
    await expect(readSafetensors(file)).rejects.toThrow(file);
  });

  it('refuses a value in the header that is nested very deeply', async () => {
    writeRaw(`{"a":{"dtype":${'['.repeat(1e5)}${']'.repeat(1e5)}}}`);
    await expect(readSafetensors(file)).rejects.toThrow('tensor "a" has dtype [...]; known are');
  });

  it('refuses a header of more bytes than the format allows', async () => {
    writeRaw(' '.repeat(100_000_001));
    await expect(readSafetensors(file)).rejects.toThrow('a header of 100000001 bytes; 100000000 are the most');
  });

  it('refuses a header longer than the file', async () => {
    writeFileSync(file, Buffer.from('ffffffffffffffff7b7d', 'hex'));
    await expect(readSafetensors(file)).rejects.toThrow(
      'a header of 18446744073709551615 bytes in a file of 10 (at byte 0)',
    );
  });

  it('names a missing file', async () => {
    await expect(readSafetensors(join(folder, 'none'))).rejects.toMatchObject({ code: 'data/unreadable' });
  });

  it('refuses what the format or tfjs has no word for, and leaves the old file alone', async () => {
    using words = tf.tensor1d(['a']);
    using one = tf.scalar(1);
    await writeSafetensors(file, { one });
    const before = readFileSync(file);
    await expect(writeSafetensors(file, { words })).rejects.toThrow('tensor "words" of dtype string');
    await expect(writeSafetensors(file, { __metadata__: one })).rejects.toMatchObject({ code: 'checkpoint/tensor' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual(['weights.safetensors']);
  });
});
