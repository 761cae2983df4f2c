import { readdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createRunFolder, makeFolder } from '../checkpoint/index.js';
import { ConfigError } from '../errors/index.js';
import { checkOutput, isWithin, realPlace } from './output-place.js';

/** Where replays go that are given no folder of their own. */
const folderOfAll = 'replays';

interface ReplayFolder {
  /** What `--out` says; a new folder in `replays` by default. */
  readonly out: string | undefined;
  /** The run's. */
  readonly name: string;
  /** The run's own folder, which a replay never writes into. */
  readonly recorded: string;
  readonly cwd: string;
}

/**
 * Makes the folder that the observers of a replay write into.
 * @returns its absolute path; it is empty
 * @throws ConfigError for one inside the recorded run, one that holds something, and one that can't be made
 */
export async function makeReplayFolder({ out, name, recorded, cwd }: ReplayFolder): Promise<string> {
  const refuse = (message: string, hint: string): ConfigError =>
    new ConfigError([{ code: 'usage/output', path: [], where: '--out', message, hint }]);
  const place = out ?? folderOfAll;
  const path = resolve(cwd, place);
  if (isWithin(await realpath(recorded), await realPlace(path)))
    throw refuse(`${place} is in the recorded run ${recorded}`, 'Name a folder outside of it.');
  await checkOutput('--out', place, 'folder', cwd);
  if (out === undefined) return createRunFolder(path, name);
  makeFolder(path);
  if ((await readdir(path)).length > 0)
    throw refuse(`${place} isn't empty, and observers begin their files anew`, 'Name a new folder.');
  return path;
}
