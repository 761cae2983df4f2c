import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { createGunzip } from 'node:zlib';
import { makeFolder, syncDirectory } from '../../checkpoint/index.js';
import { DataError } from '../../errors/index.js';
import { tarEntries, type TarEntry } from './tar.js';

/** Files of this size and more are written through to the disk one by one. */
const synced = 2 ** 16;

/**
 * Unpacks a `.tar.gz` into a folder that is there either whole or not at all.
 * @throws DataError for an archive that is damaged or would write elsewhere.
 */
export async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<void> {
  const temporary = `${folder}.${randomBytes(6).toString('hex')}.tmp`;
  const packed = createReadStream(archive, { highWaterMark: 2 ** 18 });
  const unpacked = createGunzip({ chunkSize: 2 ** 18 });
  packed.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  try {
    await mkdir(temporary);
    for await (const entry of tarEntries(unpacked as AsyncIterable<Uint8Array>, archive)) {
      signal.throwIfAborted();
      const [first, ...rest] = entry.path;
      const inside = rest.length > 0 && first === basename(folder) ? rest : entry.path;
      await writeEntry(entry, join(temporary, ...inside));
    }
    await rename(temporary, folder);
    await syncDirectory(dirname(folder));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    const { code = '', message } = error as NodeJS.ErrnoException;
    throw code.startsWith('Z_')
      ? new DataError('data/corrupt-gzip', `${archive}: ${message} in the gzip stream`)
      : error;
  } finally {
    packed.destroy();
    unpacked.destroy();
  }
}

async function writeEntry({ size, content }: TarEntry, path: string): Promise<void> {
  makeFolder(dirname(path));
  await using handle = await open(path, 'wx');
  for await (const chunk of content) await handle.appendFile(chunk);
  if (size >= synced) await handle.sync();
}
