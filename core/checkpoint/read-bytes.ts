import { readFile } from 'node:fs/promises';
import { DataError } from '../errors/index.js';

/**
 * A whole file's bytes.
 * @throws DataError where it can't be read
 */
export const readBytes = (file: string): Promise<Buffer> =>
  readFile(file).catch((cause: unknown) => {
    throw new DataError('data/unreadable', `can't read ${file}: ${(cause as Error).message}`, { cause });
  });
