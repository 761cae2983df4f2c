import { DataError } from '../../core/errors/index.js';

/** What a MAT file's elements hold, by type code. */
export const elementTypes = {
  bytes: 1,
  unsignedBytes: 2,
  integers: 5,
  unsignedIntegers: 6,
  matrix: 14,
  compressed: 15,
};

/** Storage types of real numbers by code, in the byte order of every machine that TensorFlow runs on. */
const numbers = {
  1: Int8Array,
  2: Uint8Array,
  3: Int16Array,
  4: Uint16Array,
  5: Int32Array,
  6: Uint32Array,
  7: Float32Array,
  9: Float64Array,
};
/** Array classes of numbers: double to uint64. Cells, structures, text and sparse arrays have others. */
const isNumeric = (arrayClass: number): boolean => arrayClass >= 6 && arrayClass <= 15;

export const headerBytes = 128;
export const tagBytes = 8;

/** Where a byte stands, for errors: `train.mat, byte 9`. */
export type Place = (offset: number) => string;

/** A variable of a MAT file. */
export interface MatArray {
  readonly name: string;
  readonly shape: readonly number[];
  /** Column-major: the first dimension varies fastest. */
  readonly values: InstanceType<(typeof numbers)[keyof typeof numbers]>;
  /** Where a value stands, for errors. */
  at(element: number): string;
}

/**
 * Checks that a file's first 128 bytes begin a little-endian MAT file of level 5 ("MAT-File Format", MathWorks).
 * @throws DataError for any other file; HDF5 ones (version 7.3) are told apart.
 */
export function checkMatHeader(bytes: Uint8Array, at: Place): void {
  const text = String.fromCharCode(...bytes.subarray(0, headerBytes));
  if (text.startsWith('\x89HDF') || text.startsWith('MATLAB 7.3'))
    throw new DataError(
      'data/wrong-format',
      `${at(0)}: a MATLAB 7.3 file, which is HDF5; only MATLAB 5 files are read`,
      {
        hint: "MATLAB's save(..., '-v7') writes a file that can be read.",
      },
    );
  if (bytes.length < headerBytes) throw endsEarly(at, bytes.length, `a MATLAB 5 header has ${headerBytes} bytes`);
  if (text.endsWith('\0\x01IM')) return;
  if (text.endsWith('\x01\0MI'))
    throw new DataError(
      'data/wrong-format',
      `${at(126)}: a big-endian MATLAB 5 file; only little-endian ones are read`,
    );
  throw new DataError('data/wrong-magic', `${at(124)}: does not begin a MATLAB 5 file`, {
    hint: 'Expected the bytes 00 01 49 4d there, after a text that begins with "MATLAB 5.0".',
  });
}

/** What the first 8 bytes of an element promise. */
export interface Tag {
  readonly type: number;
  readonly bytes: number;
  /** Where its data begins, and where the element after it does. */
  readonly start: number;
  readonly next: number;
}

/**
 * Reads an element's tag.
 * @param bytes the 8 at `offset`, or fewer where the file ends.
 * @param limit where what holds the element ends.
 * @throws DataError for an element that goes beyond `limit`.
 */
export function parseTag(bytes: Uint8Array, offset: number, limit: number, at: Place): Tag {
  if (bytes.length < tagBytes) throw endsEarly(at, offset + bytes.length, `an element begins with ${tagBytes} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, tagBytes);
  const type = view.getUint32(0, true);
  const inTag = type >>> 16;
  if (inTag > 4) throw malformed(at, offset, `a short element of ${inTag} bytes; 4 is the most`);
  if (inTag > 0) return { type: type & 0xffff, bytes: inTag, start: offset + 4, next: offset + tagBytes };
  const size = view.getUint32(4, true);
  const start = offset + tagBytes;
  if (start + size > limit) throw endsEarly(at, limit, `the element at byte ${offset} promises ${size} bytes more`);
  const padded = type === elementTypes.compressed ? size : Math.ceil(size / 8) * 8;
  return { type, bytes: size, start, next: Math.min(limit, start + padded) };
}

/**
 * Reads a variable out of a matrix element's data; numbers of one byte are not copied.
 * @returns nothing where it holds no numbers.
 * @throws DataError for data that is damaged or complex.
 */
export function parseMatrix(data: Uint8Array, at: Place): MatArray | undefined {
  let offset = 0;
  const element = (what: string, types: readonly number[]): Tag => {
    const tag = parseTag(data.subarray(offset, offset + tagBytes), offset, data.length, at);
    if (!types.includes(tag.type)) throw malformed(at, offset, `an element of type ${tag.type} where ${what} stands`);
    offset = tag.next;
    return tag;
  };
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);

  const flags = element('the kind of array', [elementTypes.unsignedIntegers]);
  if (flags.bytes !== 8) throw malformed(at, flags.start, `${flags.bytes} bytes for the kind of array; there are 8`);
  if (!isNumeric(view.getUint8(flags.start))) return undefined;
  if (view.getUint8(flags.start + 1) & 0x08) throw malformed(at, flags.start + 1, 'an array of complex numbers');

  const sizes = element('the shape', [elementTypes.integers]);
  const shape = Array.from({ length: Math.floor(sizes.bytes / 4) }, (_, i) => view.getInt32(sizes.start + 4 * i, true));
  if (shape.length < 2 || shape.some((size) => size < 0))
    throw malformed(at, sizes.start, `the shape [${shape.join(', ')}]; there are 2 sizes or more, none below 0`);
  const label = element('the name', [elementTypes.bytes]);
  const name = String.fromCharCode(...data.subarray(label.start, label.start + Math.min(label.bytes, 64)));

  const real = element('the numbers', Object.keys(numbers).map(Number));
  const numberType = numbers[real.type as keyof typeof numbers];
  const { BYTES_PER_ELEMENT: bytes } = numberType;
  const length = shape.reduce((product, size) => product * size, 1);
  if (length * bytes !== real.bytes)
    throw malformed(at, real.start, `${real.bytes} bytes for ${shape.join(' x ')} numbers of ${bytes} bytes`);
  const stored = data.subarray(real.start, real.start + real.bytes);
  const { buffer, byteOffset } = bytes === 1 ? stored : stored.slice();
  const values = new numberType(buffer as ArrayBuffer, byteOffset, length);
  return { name, shape, values, at: (index) => at(real.start + index * bytes) };
}

/** A file or element that stops at `offset`. */
export const endsEarly = (at: Place, offset: number, expectation: string): DataError =>
  new DataError('data/truncated', `${at(offset)}: the data ends here, but ${expectation}`, {
    hint: 'The download or copy may have stopped half-way; fetch the file again.',
  });

/** Bytes that no MATLAB 5 file of numbers has there. */
export const malformed = (at: Place, offset: number, finding: string): DataError =>
  new DataError('data/malformed', `${at(offset)}: ${finding}`, {
    hint: 'The file is damaged, or holds something else than real numbers; fetch it again.',
  });
