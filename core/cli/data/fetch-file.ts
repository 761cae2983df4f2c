import { existsSync } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder, syncDirectory } from '../../checkpoint/index.js';
import { DataError } from '../../errors/index.js';
import type { DataFile } from '../../plugins/index.js';
import { difference } from './checksum.js';
import { download, type DownloadOptions } from './download.js';
import { partialFile } from './partial-file.js';
import { unpack } from './unpack.js';

/** How a file of a dataset came to be where it is. */
export interface FetchedFile {
  /** The file, or the folder that an archive was unpacked to. */
  readonly path: string;
  /** Of the file or archive as it is published; 0 for one that isn't kept and wasn't needed. */
  readonly bytes: number;
  readonly status: 'present' | 'downloaded' | 'unpacked';
}

/** Where a file of a dataset is in the end: itself, or the folder it unpacks to. */
export const placeOf = ({ file, unpackTo }: DataFile, folder: string): string => join(folder, unpackTo ?? file);

/**
 * Makes a file be in `folder`, whole and as published, or throws; nothing in between ever has its name. An archive that
 * someone put there is unpacked, and kept.
 * @throws DataError for a file that can't be had, isn't the published one, or can't be written.
 */
export async function fetchFile(file: DataFile, folder: string, options: DownloadOptions): Promise<FetchedFile> {
  const { signal } = options;
  const [given, path] = [join(folder, file.file), placeOf(file, folder)];
  try {
    if (file.unpackTo !== undefined && existsSync(path)) return { path, bytes: 0, status: 'present' };
    if (existsSync(given)) {
      await verify(given, file, signal);
      const { size: bytes } = await stat(given);
      if (file.unpackTo === undefined) return { path, bytes, status: 'present' };
      await unpack(given, path, signal);
      return { path, bytes, status: 'unpacked' };
    }
    makeFolder(folder);
    const partial = await partialFile(folder, file.file);
    const bytes = await complete(partial, file, options);
    if (file.unpackTo === undefined) await publish(partial, path);
    else {
      await unpack(partial, path, signal);
      await rm(partial);
    }
    return { path, bytes, status: file.unpackTo === undefined ? 'downloaded' : 'unpacked' };
  } catch (cause) {
    const { syscall, message } = cause as NodeJS.ErrnoException;
    if (syscall === undefined) throw cause;
    throw new DataError('data/disk', `${path}: ${message}`, {
      cause,
      hint: 'Make room there or choose another folder with --to; a download goes on from what has arrived.',
    });
  }
}

/** Downloads until `partial` is the published file; earlier bytes that turn out to be another's are thrown away. */
async function complete(partial: string, file: DataFile, options: DownloadOptions): Promise<number> {
  const resumed = await download(file, partial, options);
  let wrong = await difference(partial, file, options.signal);
  if (wrong !== undefined && resumed) {
    await rm(partial);
    await download(file, partial, options);
    wrong = await difference(partial, file, options.signal);
  }
  if (wrong === undefined) return (await stat(partial)).size;
  await rm(partial);
  throw unlike(
    file.url,
    wrong,
    'It was changed on its way, perhaps by a login page of your network, or replaced by its publisher.',
  );
}

async function verify(path: string, file: DataFile, signal: AbortSignal): Promise<void> {
  const wrong = await difference(path, file, signal);
  if (wrong !== undefined) throw unlike(path, wrong, 'Delete it and fetch again.');
}

const unlike = (what: string, wrong: string, hint: string): DataError =>
  new DataError('data/wrong-checksum', `${what}: not the published file: ${wrong}`, { hint });

async function publish(partial: string, path: string): Promise<void> {
  await rename(partial, path);
  await syncDirectory(dirname(path));
}
