import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY, of } from 'rxjs';
import { Checkpoints, lockRun } from '../checkpoint/index.js';
import type { Checkpoint } from '../checkpoint/index.js';
import { showPipeline } from '../config/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import type { Scope } from '../engine/index.js';
import { ConfigError, RunError } from '../errors/index.js';
import type { DataError } from '../errors/index.js';
import type { RunEvent, RunEventBody } from '../events/index.js';
import { reopenLog } from '../observers/index.js';
import type { Pass } from '../stages/index.js';
import type { Composition } from './compose.js';
import { refuseChanges } from './refuse-changes.js';
import { headerOf, restoreRun } from './run-state.js';
import { runStart, type Resumed } from './script.js';

type Found = Checkpoint & { readonly path: string };

/** A run folder that is ours to go on with. */
export interface Reopened {
  readonly directory: string;
  readonly checkpoints: Checkpoints;
  /** Absent where the run was ended before its first one: then it begins anew in the same folder. */
  readonly checkpoint?: Found;
  readonly damaged: readonly DataError[];
}

/** A composition that stands where the checkpoint's run was. */
export interface Restored extends Resumed {
  /** Of the next event. */
  readonly sequence: number;
  /** What is told once more, from `run:start` on. */
  readonly history: readonly RunEvent[];
  readonly warnings: readonly Warning[];
}
type Warning = Extract<RunEventBody, { type: 'warning' }>;

/**
 * Locks a run folder and reads its newest whole checkpoint; `owned` frees both.
 * @param force whether any key may have changed
 * @throws RunError where another process uses the folder, ConfigError for a changed pipeline or a finished run
 */
export async function reopen(
  directory: string,
  pipeline: ResolvedPipeline,
  force: boolean,
  owned: Scope,
): Promise<Reopened> {
  const isFolder = await stat(directory).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (!isFolder)
    throw refuse('resume/no-run', `there is no run folder ${directory}`, 'Name one such as runs/NAME/001.');
  owned.own(await lockRun(directory));
  const damaged: DataError[] = [];
  const checkpoints = new Checkpoints(directory, pipeline.checkpoints.keep);
  const checkpoint = await checkpoints.newest((error) => damaged.push(error));
  if (!checkpoint) return { directory, checkpoints, damaged };
  owned.own(checkpoint);
  const { config, epoch } = headerOf(checkpoint);
  if (!force) refuseChanges(config, asSaved(showPipeline(pipeline)));
  if (epoch >= pipeline.epochs && (await isFinished(directory))) {
    throw refuse(
      'resume/finished',
      `${directory} is finished: it has all of its ${epoch} epochs`,
      `Ask for more, as by --set epochs=${epoch + 10}, or start a new run.`,
    );
  }
  return { directory, checkpoints, checkpoint, damaged };
}

/**
 * Puts a fresh composition where the checkpoint's run was, and cuts the run's record back to there.
 * @throws DataError for a checkpoint of another network or other data
 */
export async function restore(
  { directory, damaged }: Reopened,
  checkpoint: Found,
  composition: Composition,
  passes: readonly Pass[],
): Promise<Restored> {
  restoreRun(composition, checkpoint);
  const { sequence, announced, epoch } = headerOf(checkpoint);
  const start: RunEvent = { ...runStart(composition, passes, directory), sequence: 0, time: Date.now() };
  const history = await reopenLog(directory, sequence, start).catch((cause: unknown) => {
    throw new RunError('resume/record', `can't go on with the record in ${directory}: ${(cause as Error).message}`, {
      cause,
    });
  });
  const { size: bytes } = await stat(checkpoint.path);
  return {
    announce: announced ? of({ type: 'checkpoint:written', epoch, path: checkpoint.path, bytes }) : EMPTY,
    sequence,
    history: [{ ...(history?.[0] ?? start), resumed: { sequence } } as RunEvent, ...(history ?? []).slice(1)],
    warnings: [
      ...damaged.map(({ message }) => warning('resume/damaged', `${message}; going on from ${checkpoint.path}`)),
      ...(history
        ? []
        : [warning('resume/record', `${directory}/events.jsonl lacks events from before the checkpoint`)]),
    ],
  };
}

const warning = (code: string, message: string): Warning => ({ type: 'warning', code, message });

/** Whether the run has written its result: one that was killed before goes on to do so. */
async function isFinished(directory: string): Promise<boolean> {
  try {
    const summary = JSON.parse(await readFile(join(directory, 'summary.json'), 'utf8')) as { readonly status?: string };
    return summary.status === 'finished';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' || error instanceof SyntaxError) return false;
    throw error;
  }
}

/** As JSON keeps it. */
const asSaved = (value: unknown): Record<string, unknown> =>
  JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

const refuse = (code: string, message: string, hint: string): ConfigError => ConfigError.of(code, [], message, hint);
