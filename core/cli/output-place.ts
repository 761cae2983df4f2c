import { constants } from 'node:fs';
import { access, mkdtemp, realpath, rmdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { ConfigError } from '../errors/index.js';
import { recordAt } from '../runs/index.js';

/**
 * Makes sure, before any work, that something can be written there. Earlier results are replaced, the record of a run never.
 * @param option that names `path`, such as `--out`
 * @param path as typed, relative to `cwd`
 * @throws ConfigError where it is of the other kind, below a file, closed to writing, or part of a run's record
 */
export async function checkOutput(option: string, path: string, kind: 'file' | 'folder', cwd: string): Promise<void> {
  const closed = (cause: unknown): never => {
    throw refusal(option, `${path} can't be written: ${(cause as Error).message}`);
  };
  const whole = resolve(cwd, path);
  const { place, isFolder } = await nearestEntry(whole).catch(closed);
  if (place === whole && kind === 'file' && isFolder)
    throw refusal(option, `${path} is a folder, expected a file`, 'Name a file in it.');
  if (place === whole && kind === 'folder' && !isFolder) throw refusal(option, `${path} is a file, expected a folder`);
  if (place !== whole && !isFolder) throw refusal(option, `${path} can't be made: ${place} is a file`);
  await access(place, constants.W_OK).catch(closed);
  // Only a trial tells of folders that take nothing new, as those of /proc.
  await mkdtemp(join(isFolder ? place : dirname(place), '.auxflow-'))
    .then(rmdir)
    .catch(closed);
  const run = recordAt(await realPlace(whole));
  if (run !== undefined)
    throw refusal(option, `${path} is part of the record of the run in ${run}`, 'Name another place.');
}

/**
 * Writes what an option asks for.
 * @throws ConfigError where the system refuses, as on a full disk
 */
export const writing = <T>(option: string, path: string, work: () => Promise<T>): Promise<T> =>
  work().catch((error: unknown) => {
    const { syscall, message } = error as NodeJS.ErrnoException;
    throw syscall === undefined ? error : refusal(option, `${path} can't be written: ${message}`);
  });

/**
 * Makes sure that nothing is written over what is read.
 * @param path as typed, relative to `cwd`
 * @param inputs files and folders, absolute, whether they are there or not
 * @throws ConfigError where `path` is one of them, or is there already and in one of them
 */
export async function spareInputs(option: string, path: string, inputs: readonly string[], cwd: string): Promise<void> {
  const place = await realpath(resolve(cwd, path)).catch(() => undefined);
  if (place === undefined) return;
  for (const input of inputs) {
    const read = await realPlace(input);
    if (isWithin(read, place))
      throw refusal(
        option,
        `${path} is ${read === place ? '' : `in ${read}, `}an input of this command`,
        'Name another place.',
      );
  }
}

/** `path` with all links followed, whether it exists already or not. */
export const realPlace = async (path: string): Promise<string> =>
  realpath(path).catch(async () =>
    dirname(path) === path ? path : join(await realPlace(dirname(path)), basename(path)),
  );

/** Whether `path` is `folder` or inside of it. */
export const isWithin = (folder: string, path: string): boolean => !/^\.\.(?:[/\\]|$)/.test(relative(folder, path));

const refusal = (option: string, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code: 'usage/output', path: [], where: option, message, hint }]);

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
