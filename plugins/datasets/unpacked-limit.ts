/** How many times its own size zlib's data unpacks to at most (zlib's technical details). */
const largestRatio = 1032;
/** Small files may unpack to as much whatever their own size, others to so many times that. */
const [freeBytes, usualRatio] = [2 ** 26, 100];

/** The bytes that `packed` bytes of deflate or gzip may unpack to: what images do many times over, and no bomb. */
export const unpackedLimit = (packed: number): number =>
  Math.min(packed * largestRatio, Math.max(freeBytes, packed * usualRatio));
