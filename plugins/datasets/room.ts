import { DataError } from '../../core/errors/index.js';

/** What an array of bytes may have in every Node that is supported. */
const mostBytes = 2 ** 32;

/**
 * Room for the bytes of all samples of a split.
 * @param what asks for it, named in errors.
 * @throws DataError where no array is so large.
 */
export function room(bytes: number, what: string): Uint8Array {
  if (bytes <= mostBytes) return new Uint8Array(bytes);
  throw new DataError('data/too-large', `${what}: ${bytes} bytes of samples; at most ${mostBytes} are kept in memory`);
}
