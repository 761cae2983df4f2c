import { mkdir, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, RunError } from '../errors/index.js';
import { makeFolder } from './make-folder.js';

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
    makeFolder(parent);
    for (let number = (await newest(parent)) + 1; ; number++) {
      const folder = join(parent, folderOf(number));
      if (await claim(folder)) return folder;
    }
  } catch (cause) {
    throw new RunError('run/folder', `can't make a run folder in ${parent}: ${(cause as Error).message}`, {
      cause,
      hint: 'Set `runs` to a folder that you can write to.',
    });
  }
}

/**
 * The run that was begun last: the folder of `runs/name` with the highest number, whatever became of it.
 * @throws ConfigError where there is none
 */
export async function latestRun(runs: string, name: string): Promise<string> {
  const parent = resolve(runs, name);
  const number = await newest(parent).catch(() => 0);
  if (number > 0) return join(parent, folderOf(number));
  throw ConfigError.of('resume/no-run', [], `there is no run in ${parent}`, 'Name a run folder, or start a new run.');
}

const folderOf = (number: number): string => String(number).padStart(3, '0');

/** The highest number of a run folder, 0 without any. */
async function newest(parent: string): Promise<number> {
  const entries = await readdir(parent, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name);
  return Math.max(0, ...names.filter((name) => name === folderOf(Number(name))).map(Number));
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
