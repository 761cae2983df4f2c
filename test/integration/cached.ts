import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import { withLock } from '../../bin/setup/lock.mjs';
import { remove } from '../../bin/setup/scratch.mjs';
import { cacheFolder } from '../../bin/setup/wheel.mjs';

/** What a machine lacks for a test, such as a program or the network. */
export class Lacking extends Error {}

/** A folder of what a test needs. */
export interface Cached {
  readonly folder: string;
  /** Why the folder can't be filled on this machine; `undefined` where it is filled. */
  readonly missing: string | undefined;
}

/**
 * A folder of the set-up's cache, `~/.cache/auxflow/tests/NAME`, filled where it isn't yet. One that was left half filled
 * is filled anew, and what two processes ask for at once is filled once.
 * @param name - changes with all that the folder's content depends on
 * @throws what `fill` throws, except a `Lacking`
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<Cached> {
  const folder = join(cacheFolder(), 'tests', name);
  const filled = join(folder, '.filled');
  const wait = (): void => void process.stdout.write(`waiting for others to fill ${folder}\n`);
  try {
    await withLock(folder, wait, async () => {
      if (existsSync(filled)) return;
      await remove(folder);
      await mkdir(folder, { recursive: true });
      await fill(folder);
      await writeFile(filled, '');
    });
    return { folder, missing: undefined };
  } catch (error) {
    if (error instanceof Lacking) return { folder, missing: error.message };
    throw error;
  }
}

/** `describe`; where something is missing, the tests are skipped under a name that says so, which ends up in the count. */
export const describeUnless = (missing: string | undefined, name: string, tests: () => void): void =>
  missing === undefined ? describe(name, tests) : describe.skip(`${name} (${missing})`, tests);
