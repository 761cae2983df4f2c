import type { InputValues } from '../../core/datasets/index.js';

/** Writers of one element by IDX type code. */
const types = {
  u8: { code: 0x08, bytes: 1, write: (view: DataView, offset: number, value: number) => view.setUint8(offset, value) },
  i8: { code: 0x09, bytes: 1, write: (view: DataView, offset: number, value: number) => view.setInt8(offset, value) },
  i16: { code: 0x0b, bytes: 2, write: (view: DataView, offset: number, value: number) => view.setInt16(offset, value) },
  i32: { code: 0x0c, bytes: 4, write: (view: DataView, offset: number, value: number) => view.setInt32(offset, value) },
  f32: {
    code: 0x0d,
    bytes: 4,
    write: (view: DataView, offset: number, value: number) => view.setFloat32(offset, value),
  },
  f64: {
    code: 0x0e,
    bytes: 8,
    write: (view: DataView, offset: number, value: number) => view.setFloat64(offset, value),
  },
};
export type IdxType = keyof typeof types;
export const idxTypes = Object.keys(types) as IdxType[];

/** The bytes of an IDX file, written independently of the code that reads it. */
export function idxBytes(type: IdxType, shape: readonly number[], values: ArrayLike<number> | InputValues): Uint8Array {
  const { code, bytes, write } = types[type];
  const header = 4 + 4 * shape.length;
  const file = new Uint8Array(header + bytes * values.length);
  const view = new DataView(file.buffer);
  view.setUint8(2, code);
  view.setUint8(3, shape.length);
  for (const [dimension, size] of shape.entries()) view.setUint32(4 + 4 * dimension, size);
  for (let i = 0; i < values.length; i++) write(view, header + i * bytes, values[i]!);
  return file;
}
