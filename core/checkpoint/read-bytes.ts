import { readFile, stat } from 'node:fs/promises';
import { DataError } from '../errors/index.js';

/**
 * A whole file's bytes; a pipe or a device, which might never end, is not read.
 * @throws DataError where it can't be read
 */
export async function readBytes(file: string): Promise<Buffer> {
  try {
    if ((await stat(file)).isFile()) return await readFile(file);
  } catch (cause) {
    throw new DataError('data/unreadable', `can't read ${file}: ${(cause as Error).message}`, { cause });
  }
  throw new DataError('data/unreadable', `can't read ${file}: not a file`);
}
