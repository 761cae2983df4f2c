import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** Any of these makes a folder one of a run, whole or not. */
const record = ['config.yaml', 'events.jsonl', 'summary.json', 'run.lock'];

/**
 * The run folders at or below `folder`, sorted. A numbered folder without any file counts as one: it was made for a run that
 * never began. So does one that can't be read.
 */
export async function findRunFolders(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined);
  if (!entries) return [folder];
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  if (record.some((name) => files.includes(name))) return [folder];
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  const below: string[] = [];
  for (const { name } of folders.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })))
    below.push(...(await findRunFolders(join(folder, name))));
  return below.length === 0 && files.length === 0 && /^\d{3,}$/.test(basename(folder)) ? [folder] : below;
}
