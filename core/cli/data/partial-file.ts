import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where this process collects a download of `file`: `file.PID.part` in its folder. What an ended process left of an earlier
 * one is taken over; a process that still runs keeps its own, so no two ever write to one file.
 */
export async function partialFile(folder: string, file: string): Promise<string> {
  const own = join(folder, partialName(file, process.pid));
  for (const name of await readdir(folder)) {
    const pid = Number(/\.(\d+)\.part$/.exec(name)?.[1]);
    if (name !== partialName(file, pid)) continue;
    if (pid === process.pid) return own;
    if (!isRunning(pid) && (await claim(join(folder, name), own))) return own;
  }
  return own;
}

const partialName = (file: string, pid: number): string => `${file}.${pid}.part`;

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Whether the rename was ours; another process may have been faster. */
async function claim(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
