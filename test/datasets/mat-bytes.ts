import { deflateSync } from 'node:zlib';

/** What a test writes as one variable. */
export interface MatVariable {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
  /** Storage type of the data; bytes by default. */
  readonly type?: number;
  /** Array class and flags; an array of uint8 by default. */
  readonly kind?: readonly [arrayClass: number, flags: number];
}

const words = (...values: number[]) => new Uint8Array(Int32Array.from(values).buffer);

/** An element with its tag, padded to 8 bytes; short ones as MATLAB packs them. */
function element(type: number, data: Uint8Array): Buffer {
  if (data.length > 0 && data.length <= 4) {
    const short = Buffer.alloc(8);
    short.writeUInt32LE((data.length << 16) | type);
    short.set(data, 4);
    return short;
  }
  return Buffer.concat([words(type, data.length), data, new Uint8Array((8 - (data.length % 8)) % 8)]);
}

/** The bytes of one variable, written independently of the code that reads it. */
export function matVariable({ name, shape, data, type = 2, kind = [9, 0] }: MatVariable): Buffer {
  const parts = [
    element(6, words(kind[0] | (kind[1] << 8), 0)),
    element(5, words(...shape)),
    element(1, Buffer.from(name)),
    element(type, data),
  ];
  return element(14, Buffer.concat(parts));
}

/** A packed element, as MATLAB writes variables from version 7. */
export const packed = (variable: Uint8Array): Buffer => {
  const data = deflateSync(variable);
  return Buffer.concat([words(15, data.length), data]);
};

/** A MATLAB 5 file of `elements`. */
export function matBytes(...elements: Uint8Array[]): Buffer {
  const header = Buffer.alloc(128, ' ');
  header.write('MATLAB 5.0 MAT-file, Platform: GLNXA64');
  header.fill(0, 116, 124);
  header.writeUInt16LE(0x0100, 124);
  header.write('IM', 126);
  return Buffer.concat([header, ...elements]);
}
