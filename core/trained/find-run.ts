import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DataError } from '../errors/index.js';
import { nearest } from '../plugins/index.js';

/** Where runs lie unless a pipeline says otherwise. */
const usual = 'runs';
const record = 'config.yaml';

/**
 * The folder of a run.
 * @param run its path, or `NAME/NNN` below `runs`
 * @param cwd what relative paths count from
 * @throws DataError where there is no such folder, or it is no run's, with the nearest that is
 */
export async function findRun(run: string, cwd: string): Promise<string> {
  for (const folder of [resolve(cwd, run), resolve(cwd, usual, run)])
    if (await exists(join(folder, record))) return folder;
  const known = await runsBelow(resolve(cwd, usual));
  const near = nearest(run, known) ?? known.find((name) => name.startsWith(`${run}/`));
  throw new DataError('run/not-found', `there is no run ${run}: no folder of that name holds a ${record}`, {
    hint: near === undefined ? `Name a folder such as ${usual}/NAME/001.` : `The nearest is ${usual}/${near}.`,
  });
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** `NAME/NNN` of all runs in a folder. */
async function runsBelow(folder: string): Promise<string[]> {
  const names = await namesIn(folder);
  const runs = await Promise.all(
    names.map(async (name) => (await namesIn(join(folder, name))).map((run) => `${name}/${run}`)),
  );
  return runs.flat();
}

/** The folder's own folders; a folder that isn't there has none. */
async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}
