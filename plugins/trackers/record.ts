/**
 * A record as TensorFlow frames it in files: length, the length's checksum, data, the data's checksum.
 * @see https://www.tensorflow.org/tutorials/load_data/tfrecord
 */
export function record(data: Uint8Array): Buffer {
  const framed = Buffer.alloc(data.length + 16);
  framed.writeBigUInt64LE(BigInt(data.length));
  framed.writeUInt32LE(masked(framed.subarray(0, 8)), 8);
  framed.set(data, 12);
  framed.writeUInt32LE(masked(data), data.length + 12);
  return framed;
}

/** So that a checksum of data that hold checksums stays a good one. */
function masked(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** The checksum by Castagnoli's polynomial; RFC 3720, appendix B.4 has examples. */
export const crc32c = (data: Uint8Array): number =>
  ~data.reduce((crc, byte) => table[(crc ^ byte) & 0xff]! ^ (crc >>> 8), 0xffffffff) >>> 0;

const table = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? 0x82f63b78 ^ (n >>> 1) : n >>> 1;
  return n;
});
