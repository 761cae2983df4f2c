import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './sync-directory.js';

/**
 * Writes a file that is either there whole or not at all, and survives a power cut once this settles. A failed write
 * leaves an earlier file of that name as it was, and nothing beside it.
 * @returns bytes written
 */
export async function writeAtomically(file: string, chunks: Iterable<string | Uint8Array>): Promise<number> {
  let bytes = 0;
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  const handle = await open(temporary, 'wx');
  try {
    try {
      for (const chunk of chunks) {
        await handle.appendFile(chunk);
        bytes += Buffer.byteLength(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(file));
  return bytes;
}
