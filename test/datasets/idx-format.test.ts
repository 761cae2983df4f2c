import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DataError } from '../../core/errors/index.js';
import { parseIdx } from '../../plugins/datasets/idx-format.js';
import { idxBytes, type IdxType, idxTypes } from './idx-bytes.js';

const elements: Record<IdxType, fc.Arbitrary<number>> = {
  u8: fc.integer({ min: 0, max: 255 }),
  i8: fc.integer({ min: -128, max: 127 }),
  i16: fc.integer({ min: -32768, max: 32767 }),
  i32: fc.integer(),
  f32: fc.float(),
  f64: fc.double(),
};

const arrays = fc
  .record({ type: fc.constantFrom(...idxTypes), shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }) })
  .chain(({ type, shape }) => {
    const length = shape.reduce((product, size) => product * size, 1);
    const values = fc.array(elements[type], { minLength: length, maxLength: length });
    return fc.record({ type: fc.constant(type), shape: fc.constant(shape), values });
  });

const parsed = (bytes: Uint8Array) => {
  try {
    return parseIdx(bytes, 'file');
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return error;
  }
};

describe('parseIdx', () => {
  it('reads back arrays of every type and shape', () => {
    fc.assert(
      fc.property(arrays, fc.integer({ min: 0, max: 7 }), ({ type, shape, values }, shift) => {
        const bytes = idxBytes(type, shape, values);
        const shifted = new Uint8Array(bytes.length + shift).subarray(shift);
        shifted.set(bytes);
        const array = parseIdx(shifted, 'file');
        expect(array).toMatchObject({ type, shape });
        expect([...array.values]).toEqual(values);
      }),
    );
  });

  it('reads the published magic numbers of MNIST', () => {
    const labels = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 2), 'labels');
    expect(labels.values).toEqual(Uint8Array.of(7, 2));
    expect(labels.at(1)).toBe('labels, byte 9');
  });

  it('reads wide types as big-endian', () => {
    expect([...parseIdx(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 1, 1, 2), 'file').values]).toEqual([258]);
  });

  it('refuses a file cut off at any byte, saying where it ends', () => {
    fc.assert(
      fc.property(arrays, fc.nat(), ({ type, shape, values }, cut) => {
        const bytes = idxBytes(type, shape, values);
        const length = cut % bytes.length;
        const error = parsed(bytes.subarray(0, length));
        expect(error).toMatchObject({ code: 'data/truncated' });
        expect((error as DataError).message).toContain(`file, byte ${length}: `);
      }),
    );
  });

  it('refuses a file that goes on', () => {
    const bytes = new Uint8Array([...idxBytes('u8', [2], [1, 2]), 0]);
    expect(parsed(bytes)).toMatchObject({ code: 'data/too-long', message: expect.stringContaining('byte 10') });
  });

  it('reads or refuses mutated and random bytes', () => {
    const mutated = fc
      .tuple(arrays, fc.nat(), fc.integer({ min: 0, max: 255 }))
      .map(([{ type, shape, values }, position, value]) => {
        const bytes = idxBytes(type, shape, values);
        bytes[position % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 40 })), (bytes) => {
        const result = parsed(bytes);
        if (!(result instanceof DataError)) expect(result.totalBytes).toBe(bytes.length);
      }),
      { numRuns: 500 },
    );
  });

  it('refuses what a header promises before making room for it', () => {
    const bytes = idxBytes('f64', [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 1], []);
    const before = process.memoryUsage().arrayBuffers;
    expect(parsed(bytes)).toMatchObject({ code: 'data/truncated' });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  });

  it('refuses bytes after an array whose sizes multiply to infinity times 0', () => {
    const header = idxBytes('f32', [...Array<number>(40).fill(2 ** 32 - 1), 0], []);
    expect(parseIdx(header, 'file').values).toHaveLength(0);
    expect(parsed(new Uint8Array([...header, 1, 2, 3]))).toMatchObject({ code: 'data/too-long' });
  });

  it.each([
    [0x50, 0x4b, 0x03, 0x04],
    [0, 0, 0x0a, 3],
    [0, 0, 0, 0],
  ])('refuses the magic %d %d %d %d and says what an IDX file begins with', (...magic) => {
    const error = parsed(Uint8Array.from([...magic, 0, 0, 0, 0]));
    expect(error).toMatchObject({ code: 'data/wrong-magic', hint: expect.stringContaining('0x00000803') });
  });
});
