import type { InputValues } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';

/** Element types of the IDX format by their code in the header; all are big-endian. */
const types: Readonly<
  Record<number, { name: string; bytes: 1 | 2 | 4 | 8; values: new (buffer: ArrayBuffer) => InputValues }>
> = {
  0x08: { name: 'u8', bytes: 1, values: Uint8Array },
  0x09: { name: 'i8', bytes: 1, values: Int8Array },
  0x0b: { name: 'i16', bytes: 2, values: Int16Array },
  0x0c: { name: 'i32', bytes: 4, values: Int32Array },
  0x0d: { name: 'f32', bytes: 4, values: Float32Array },
  0x0e: { name: 'f64', bytes: 8, values: Float64Array },
};

/** What the first bytes of an IDX file promise. */
export interface IdxHeader {
  /** `u8`, `i8`, `i16`, `i32`, `f32` or `f64`. */
  readonly type: string;
  readonly shape: readonly number[];
  /** Bytes of the header, of one element, and of the whole file. */
  readonly headerBytes: number;
  readonly elementBytes: number;
  readonly totalBytes: number;
}

/** An array read from an IDX file. */
export interface IdxArray extends IdxHeader {
  /** Row-major, in the machine's byte order. */
  readonly values: InputValues;
  /** Where an element stands, for errors: `train-labels, byte 12`. */
  at(element: number): string;
}

/**
 * Reads the header alone.
 * @param file named in errors.
 * @throws DataError where `bytes` don't begin with a whole IDX header.
 */
export function parseIdxHeader(bytes: Uint8Array, file: string): IdxHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4) throw truncated(file, bytes.length, 'an IDX header begins with 4 bytes');
  const type = types[view.getUint8(2)];
  const rank = view.getUint8(3);
  if (view.getUint16(0) !== 0 || !type) {
    const magic = view.getUint32(0).toString(16).padStart(8, '0');
    throw new DataError('data/wrong-magic', `${file}, byte 0: 0x${magic} does not begin an IDX file`, {
      hint: 'Expected two zero bytes, a type (08, 09, 0b, 0c, 0d or 0e) and the number of dimensions; MNIST images have 0x00000803.',
    });
  }
  const headerBytes = 4 + 4 * rank;
  if (bytes.length < headerBytes)
    throw truncated(file, bytes.length, `a header of ${rank} dimensions has ${headerBytes} bytes`);
  const shape = Array.from({ length: rank }, (_, dimension) => view.getUint32(4 + 4 * dimension));
  // Sizes may multiply to infinity, which a 0 must not turn into NaN.
  const elements = shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
  const totalBytes = headerBytes + type.bytes * elements;
  return { type: type.name, shape, headerBytes, elementBytes: type.bytes, totalBytes };
}

/**
 * Reads a whole IDX file; the values of one-byte types share memory with `bytes`.
 * @param file named in errors.
 * @throws DataError where `bytes` are not exactly one IDX array.
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const header = parseIdxHeader(bytes, file);
  const { headerBytes, elementBytes, totalBytes } = header;
  const promise = `the header promises ${header.shape.join(' x ') || 'one'} ${header.type}, ${totalBytes} bytes in all`;
  if (bytes.length < totalBytes) throw truncated(file, bytes.length, promise);
  if (bytes.length > totalBytes)
    throw new DataError('data/too-long', `${file}, byte ${totalBytes}: the file goes on, but ${promise}`);
  const at = (element: number) => `${file}, byte ${headerBytes + element * elementBytes}`;
  return { ...header, values: decode(bytes.subarray(headerBytes), bytes[2]!), at };
}

function decode(payload: Uint8Array, code: number): InputValues {
  const type = types[code]!;
  if (type.bytes === 1) {
    const { buffer, byteOffset, byteLength } = payload;
    return code === 0x08
      ? new Uint8Array(buffer, byteOffset, byteLength)
      : new Int8Array(buffer, byteOffset, byteLength);
  }
  const { buffer } = new Uint8Array(payload);
  const swap = ({ 2: 'swap16', 4: 'swap32', 8: 'swap64' } as const)[type.bytes];
  Buffer.from(buffer)[swap]();
  return new type.values(buffer);
}

const truncated = (file: string, offset: number, expectation: string): DataError =>
  new DataError('data/truncated', `${file}, byte ${offset}: the file ends here, but ${expectation}`, {
    hint: 'The download or copy may have stopped half-way; fetch the file again.',
  });
