import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { DataError } from '../../core/errors/index.js';
import { unreadable } from './unreadable.js';

/** Opening a pipe must not wait for somebody to write to it; Windows has no such flag. */
const flags = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);
/** The most that Node reads at once. */
const mostBytes = 2 ** 31 - 1;

/**
 * Works on an open file, and closes it.
 * @throws DataError for a file that can't be read, and for what is no file: a pipe or device may have no end.
 */
export async function withFile<T>(path: string, work: (file: FileHandle, size: number) => Promise<T>): Promise<T> {
  try {
    const file = await open(path, flags);
    try {
      const entry = await file.stat();
      if (!entry.isFile()) throw noFile(path, entry.isDirectory() ? 'a folder' : 'a pipe or device');
      return await work(file, entry.size);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw isRefusal(cause) ? unreadable(path, cause) : cause;
  }
}

/**
 * The bytes of a file.
 * @param limit the most that are read, and what has none larger.
 * @throws DataError for a file that can't be read or is larger.
 */
export const readWhole = (path: string, limit = mostBytes, what = 'a file that is read at once'): Promise<Buffer> =>
  withFile(path, async (file, size) => {
    if (size <= limit) return await file.readFile();
    throw new DataError('data/too-large', `${path}: ${size} bytes; ${what} has ${limit} at most`);
  });

const noFile = (path: string, what: string): DataError =>
  new DataError('data/unreadable-file', `${path}: ${what}, not a file`);

/** Whether the operating system refused. */
const isRefusal = (cause: unknown): boolean => typeof cause === 'object' && cause !== null && 'syscall' in cause;
