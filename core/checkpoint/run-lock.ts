import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { RunError } from '../errors/index.js';
import { readBytes } from './read-bytes.js';

/** Who uses a run folder; `started` tells the process from a later one of the same number, where the system says it. */
const Holder = z.object({ pid: z.int().min(1), host: z.string(), started: z.string().exactOptional() });
type Holder = z.output<typeof Holder>;

/**
 * Keeps every other process, and every other run of this one, out of a run folder until disposed. The lock of a process
 * that is gone counts for nothing.
 * @throws RunError naming who uses the folder, or why it can't be written to
 */
export async function lockRun(directory: string): Promise<Disposable> {
  const lock = join(directory, 'run.lock');
  try {
    return await claimLock(directory, lock);
  } catch (cause) {
    if (cause instanceof RunError) throw cause;
    throw new RunError('run/unlockable', `can't lock ${directory}: ${(cause as Error).message}`, {
      cause,
      hint: `Make room, or make the folder one that you can write to; a ${lock} that is no file must be deleted.`,
    });
  }
}

async function claimLock(directory: string, lock: string): Promise<Disposable> {
  const unique = (): string => `${lock}.${randomBytes(6).toString('hex')}.tmp`;
  const own = unique();
  try {
    await writeFile(own, JSON.stringify(self()));
    // A link comes into being with its contents: nobody reads half a lock.
    while (!(await tried(link(own, lock), 'EEXIST'))) {
      const holder = await read(lock);
      if (holder && isAlive(holder)) throw inUse(directory, holder);
      const stale = unique();
      if (!(await tried(rename(lock, stale), 'ENOENT'))) continue;
      // Another process may have locked in between; then its lock goes back.
      const moved = await read(stale);
      if (moved && isAlive(moved)) await tried(link(stale, lock), 'EEXIST');
      await rm(stale, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
  return { [Symbol.dispose]: () => release(lock) };
}

/** A lock that can't be removed does no harm: it counts for nothing once its process is gone. */
function release(lock: string): void {
  try {
    rmSync(lock, { force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall === undefined) throw error;
  }
}

/** Whether a process that is alive uses a run folder. */
export async function isLocked(directory: string): Promise<boolean> {
  const holder = await read(join(directory, 'run.lock'));
  return holder !== undefined && isAlive(holder);
}

const self = (): Holder => {
  const started = startOf(process.pid);
  return { pid: process.pid, host: hostname(), ...(started !== undefined && { started }) };
};

async function read(file: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse((await readBytes(file)).toString()));
  } catch (error) {
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    // Gone in the meantime, or no lock of ours: nobody's.
    if (error instanceof SyntaxError || error instanceof z.ZodError || code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A process of another machine can't be asked, so it is taken to be alive. */
function isAlive({ pid, host, started }: Holder): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const now = startOf(pid);
  return started === undefined || now === undefined || started === now;
}

/** Clock ticks between the machine's start and the process's; Linux alone says. */
function startOf(pid: number): string | undefined {
  try {
    // The command's name stands in parentheses and may hold anything.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether it worked; `false` for a failure of the kind that is expected. */
async function tried(work: Promise<void>, expected: string): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === expected) return false;
    throw error;
  }
}

const inUse = (directory: string, { pid, host }: Holder): RunError =>
  new RunError('run/locked', `${directory} is in use by process ${pid}${host === hostname() ? '' : ` of ${host}`}`, {
    hint: `Wait for it to end, or stop it. If it is gone for certain, delete ${join(directory, 'run.lock')}.`,
  });
