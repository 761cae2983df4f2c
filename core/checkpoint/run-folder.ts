import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, RunError } from '../errors/index.js';

/**
 * Makes the next free folder `runs/name/001`, `002`, ...; two processes at once never get the same one.
 * @returns its absolute path.
 * @throws ConfigError for a name that is no plain folder name; RunError where nothing can be made.
 */
export async function createRunFolder(runs: string, name: string): Promise<string> {
  if (!isFolderName(name)) {
    throw ConfigError.of(
      'config/name',
      ['name'],
      `"${name}" can't name a folder`,
      'Use letters, digits, "-", "_" and ".".',
    );
  }
  const parent = resolve(runs, name);
  try {
    await mkdir(parent, { recursive: true });
    const numbers = (await readdir(parent)).map(Number).filter(Number.isSafeInteger);
    for (let number = Math.max(0, ...numbers) + 1; ; number++) {
      const folder = join(parent, String(number).padStart(3, '0'));
      if (await claim(folder)) return folder;
    }
  } catch (cause) {
    throw new RunError('run/folder', `can't make a run folder in ${parent}: ${(cause as Error).message}`, {
      cause,
      hint: 'Set `runs` to a folder that you can write to.',
    });
  }
}

/** Whether `folder` is now ours; `mkdir` succeeds for one process alone. */
async function claim(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** No separators, control characters or reserved characters, and nothing hidden: it stays inside `runs`. */
const isFolderName = (name: string) => /^[^\p{C}<>:"/\\|?*.][^\p{C}<>:"/\\|?*]*$/u.test(name) && !/[. ]$/.test(name);
