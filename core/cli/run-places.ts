import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { findRunFolders } from '../runs/index.js';

/**
 * The run folders at or below places of the command line, every one once.
 * @param places folders, also such as NAME or NAME/NNN below `runs`, relative to `cwd`
 * @throws DataError for a place that isn't there, with the nearest run
 */
export async function runsAt(places: readonly string[], cwd: string): Promise<string[]> {
  const found: string[] = [];
  for (const place of places) found.push(...(await findRunFolders(await folderOf(place, cwd))));
  return [...new Set(found)];
}

async function folderOf(place: string, cwd: string): Promise<string> {
  for (const folder of [resolve(cwd, place), resolve(cwd, 'runs', place)]) {
    const entry = await stat(folder).catch(() => undefined);
    if (entry?.isDirectory()) return folder;
  }
  const { findRun } = await import('../trained/index.js');
  return findRun(place, cwd);
}

/** A run folder as people read it: relative, with slashes on every platform. */
export const shown = (folder: string, cwd: string): string => (relative(cwd, folder) || '.').replaceAll('\\', '/');
