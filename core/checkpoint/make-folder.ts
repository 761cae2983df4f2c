import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes a folder and those above it that are missing, one by one: where none can be made, as in /proc, `recursive` never ends. */
export async function makeFolder(path: string): Promise<void> {
  const missing: string[] = [];
  for (let place = path; !existsSync(place); place = dirname(place)) missing.unshift(place);
  for (const place of missing)
    await mkdir(place).catch((error: unknown) => {
      // Another process was faster.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
}
