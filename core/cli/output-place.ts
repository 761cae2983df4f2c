import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ConfigError } from '../errors/index.js';

/**
 * Makes sure, before any work, that something can be written there.
 * @param option that names `path`, such as `--out`
 * @param path as typed, relative to `cwd`
 * @throws ConfigError where it is of the other kind, below a file, or closed to writing
 */
export async function checkOutput(option: string, path: string, kind: 'file' | 'folder', cwd: string): Promise<void> {
  const refuse = (message: string, hint?: string): ConfigError =>
    new ConfigError([{ code: 'usage/output', path: [], where: option, message, hint }]);
  const closed = (cause: unknown): never => {
    throw refuse(`${path} can't be written: ${(cause as Error).message}`);
  };
  const whole = resolve(cwd, path);
  const { place, isFolder } = await nearestEntry(whole).catch(closed);
  if (place === whole && kind === 'file' && isFolder)
    throw refuse(`${path} is a folder, expected a file`, 'Name a file in it.');
  if (place === whole && kind === 'folder' && !isFolder) throw refuse(`${path} is a file, expected a folder`);
  if (place !== whole && !isFolder) throw refuse(`${path} can't be made: ${place} is a file`);
  await access(place, constants.W_OK).catch(closed);
}

/** `path` itself where it exists, otherwise the nearest folder or file above it that does. */
async function nearestEntry(path: string): Promise<{ readonly place: string; readonly isFolder: boolean }> {
  for (let place = path; ; place = dirname(place)) {
    const entry = await stat(place).catch((error: unknown) => {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      throw error;
    });
    if (entry) return { place, isFolder: entry.isDirectory() };
  }
}
