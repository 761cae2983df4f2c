import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError, RunError } from '../errors/index.js';
import { readCheckpoint, writeCheckpoint, type Checkpoint } from './checkpoint-file.js';
import { makeFolder } from './make-folder.js';
import type { Snapshot } from './snapshot.js';

/** A checkpoint on disk. */
export interface Written {
  readonly path: string;
  readonly bytes: number;
}

const extension = '.safetensors';

/** The checkpoints of one run, in `checkpoints/` of its folder; their names say their age. */
export class Checkpoints {
  private readonly folder: string;
  /** The last one that is written whole. */
  last: string | undefined;

  /** @param keep how many of the last ones stay beside the best, at least 1 */
  constructor(
    directory: string,
    private readonly keep: number,
  ) {
    this.folder = join(directory, 'checkpoints');
  }

  /** @param sequence events of the run that are told by then */
  name(epoch: number, sequence: number): string {
    return `epoch-${String(epoch).padStart(5, '0')}-event-${String(sequence).padStart(9, '0')}${extension}`;
  }

  /**
   * Writes a checkpoint, whole or not at all, then removes those that needn't be kept.
   * @param best name of the one that stays whatever its age
   * @throws RunError where the folder can't be written; what was there stays
   */
  async write(name: string, snapshot: Snapshot, best: string | undefined): Promise<Written> {
    const path = join(this.folder, name);
    try {
      makeFolder(this.folder);
      const bytes = await writeCheckpoint(path, snapshot);
      this.last = path;
      const old = (await this.names()).slice(0, -this.keep).filter((other) => other !== best && other !== name);
      for (const other of old) await rm(join(this.folder, other), { force: true });
      return { path, bytes };
    } catch (cause) {
      if (!isSystemError(cause)) throw cause;
      const last = this.last === undefined ? '' : `; the last one that is whole is ${this.last}`;
      throw new RunError('checkpoint/unwritable', `can't write the checkpoint ${path}: ${cause.message}${last}`, {
        cause,
        hint: 'Make room or set `runs` to a folder that you can write to, then go on with --resume.',
      });
    }
  }

  /**
   * Reads the newest checkpoint that is whole, and removes what a kill left half-written. Damaged ones that are
   * newer are reported and renamed to `...damaged`.
   * @returns `undefined` where there is none; the tensors belong to the caller.
   * @throws DataError where all are damaged
   */
  async newest(onDamaged: (error: DataError) => void): Promise<(Checkpoint & { readonly path: string }) | undefined> {
    for (const name of await this.names('.tmp')) await rm(join(this.folder, name), { force: true });
    const damaged: { readonly path: string; readonly error: DataError }[] = [];
    for (const name of (await this.names()).reverse()) {
      const path = join(this.folder, name);
      try {
        const checkpoint = await readCheckpoint(path);
        this.last = path;
        for (const { path, error } of damaged) {
          await rename(path, `${path}.damaged`);
          onDamaged(error);
        }
        return { ...checkpoint, path };
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        damaged.push({ path, error });
      }
    }
    if (damaged.length === 0) return undefined;
    throw new DataError('checkpoint/damaged', damaged.map(({ error }) => error.message).join('\n'), {
      cause: damaged[0]!.error,
      hint: 'No checkpoint of this run is whole. Put one back from a copy, or start a new run.',
    });
  }

  /** The newest by name, whole or not; nothing is changed. */
  async newestPath(): Promise<string | undefined> {
    const name = (await this.names()).at(-1);
    return name && join(this.folder, name);
  }

  private async names(ending = extension): Promise<string[]> {
    const entries = await readdir(this.folder).catch((error: unknown) => {
      if (isSystemError(error) && error.code === 'ENOENT') return [];
      throw error;
    });
    return entries.filter((name) => name.endsWith(ending)).sort(byAge);
  }
}

/** By the event that they follow, whatever the number of digits. */
const byAge = new Intl.Collator('en', { numeric: true }).compare;

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  typeof error === 'object' && error !== null && 'syscall' in error;
