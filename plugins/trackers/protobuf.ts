/**
 * Fields of a Protocol Buffers message as bytes; a message is its fields, one after the other.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export const message = (...fields: readonly Uint8Array[]): Buffer => Buffer.concat(fields);

/** A text, bytes, or a message within a message. */
export function bytes(field: number, value: string | Uint8Array): Buffer {
  const content = typeof value === 'string' ? Buffer.from(value) : value;
  return message(key(field, 2), varint(content.length), content);
}

/** A whole number from 0 to 2^53 - 1. */
export const integer = (field: number, value: number): Buffer => message(key(field, 0), varint(value));

export function double(field: number, value: number): Buffer {
  const content = Buffer.alloc(8);
  content.writeDoubleLE(value);
  return message(key(field, 1), content);
}

/** The nearest float32. */
export function float(field: number, value: number): Buffer {
  const content = Buffer.alloc(4);
  content.writeFloatLE(value);
  return message(key(field, 5), content);
}

/** A packed list. */
export function doubles(field: number, values: readonly number[]): Buffer {
  const content = Buffer.alloc(8 * values.length);
  values.forEach((value, index) => content.writeDoubleLE(value, 8 * index));
  return bytes(field, content);
}

const key = (field: number, wireType: number): Buffer => varint(8 * field + wireType);

/** Seven bits to a byte, the lowest first. */
function varint(value: number): Buffer {
  const digits: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) digits.push((left % 0x80) | 0x80);
  return Buffer.from([...digits, left]);
}
