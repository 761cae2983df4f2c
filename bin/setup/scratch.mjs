import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const prefix = '.scratch-';

/**
 * Runs `work` with an empty folder inside `parent` that is gone afterwards, whatever happens. Being on the same
 * disk, finished files can be renamed into place. Leftovers of a killed process are removed first, so the caller
 * must hold the lock that guards `parent`.
 *
 * @template T
 * @param {string} parent
 * @param {(folder: string) => Promise<T>} work
 */
export async function withScratch(parent, work) {
  await mkdir(parent, { recursive: true });
  for (const name of await readdir(parent)) if (name.startsWith(prefix)) await remove(join(parent, name));
  const folder = await mkdtemp(join(parent, prefix));
  try {
    return await work(folder);
  } finally {
    await remove(folder);
  }
}

/** @param {string} path */
export const remove = (path) => rm(path, { recursive: true, force: true, maxRetries: 3 });
