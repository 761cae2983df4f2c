/** What each 16 bits stand for; made once, where a file needs it. */
let float16s: Float32Array | undefined;

/** IEEE 754 numbers of 16 bits, all of which float32 holds exactly. */
export function fromFloat16(buffer: ArrayBuffer): Float32Array {
  const values = (float16s ??= Float32Array.from({ length: 2 ** 16 }, (_, bits) => float16(bits)));
  return Float32Array.from(new Uint16Array(buffer), (bits) => values[bits]!);
}

/** Numbers whose 16 bits are the upper ones of a float32. */
export const fromBfloat16 = (buffer: ArrayBuffer): Float32Array =>
  new Float32Array(Uint32Array.from(new Uint16Array(buffer), (bits) => bits << 16).buffer);

/** Numbers of 64 bits, each rounded to the nearest float32, or to infinity beyond its range. */
export const fromFloat64 = (buffer: ArrayBuffer): Float32Array => Float32Array.from(new Float64Array(buffer));

/** One sign bit, 5 of the exponent, 10 of the fraction; without an exponent the fraction has no leading 1. */
function float16(bits: number): number {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, (bits & 1023) / 1024];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -14 : (1 + fraction) * 2 ** (exponent - 15));
}
