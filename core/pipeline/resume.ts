import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EMPTY, of } from 'rxjs';
import { parse } from 'yaml';
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
 * @throws RunError where another process uses the folder, ConfigError for a changed pipeline, a finished run or a folder of
 *   something else
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
  const now = asSaved(showPipeline(pipeline));
  if (!checkpoint) {
    const config = await begunWith(directory);
    if (config && !force) refuseChanges(config, now);
    return { directory, checkpoints, damaged };
  }
  owned.own(checkpoint);
  const { config, epoch } = headerOf(checkpoint);
  if (!force) refuseChanges(config, now);
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
 * @throws DataError for a checkpoint of another network or other data; ConfigError for fewer epochs than have begun
 */
export async function restore(
  { directory, damaged }: Reopened,
  checkpoint: Found,
  composition: Composition,
  passes: readonly Pass[],
): Promise<Restored> {
  restoreRun(composition, checkpoint);
  const { pipeline, state, progress } = composition;
  const begun = state.epoch + (progress.within ? 1 : 0);
  if (begun > pipeline.epochs) {
    throw refuse(
      'resume/epochs',
      `${directory} has begun ${begun} epochs already, more than the ${pipeline.epochs} asked for`,
      `Ask for ${begun} or more, or start a new run.`,
    );
  }
  const { sequence, announced, epoch } = headerOf(checkpoint);
  const start: RunEvent = { ...runStart(composition, passes, directory), sequence: 0, time: Date.now() };
  const log = await reopenLog(directory, sequence, start).catch((cause: unknown) => {
    throw new RunError('resume/record', `can't go on with the record in ${directory}: ${(cause as Error).message}`, {
      cause,
      hint: 'Make room, or make the folder one that you can write to; the checkpoints are as they were.',
    });
  });
  const { size: bytes } = await stat(checkpoint.path);
  const [first, ...later] = log.events;
  return {
    announce: announced ? of({ type: 'checkpoint:written', epoch, path: checkpoint.path, bytes }) : EMPTY,
    sequence,
    history: [{ ...first, resumed: { sequence } } as RunEvent, ...later],
    warnings: [
      ...damaged.map(({ message }) => warning('resume/damaged', `${message}; going on from ${checkpoint.path}`)),
      ...(log.damaged === undefined
        ? []
        : [warning('resume/record', `the record lacks events from before the checkpoint; as it was: ${log.damaged}`)]),
    ],
  };
}

const warning = (code: string, message: string): Warning => ({ type: 'warning', code, message });

/**
 * What a run without a checkpoint was begun with, where it got that far.
 * @throws ConfigError where the folder is no run's, or the run has finished and its checkpoints are gone
 */
async function begunWith(directory: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  const entries = await readdir(directory);
  const others = entries.filter((name) => name !== 'checkpoints' && !name.startsWith('run.lock'));
  if (others.length === 0) return undefined;
  const text = entries.includes('config.yaml') ? await readFile(join(directory, 'config.yaml'), 'utf8') : '';
  const config = parsed(text) as Record<string, unknown> | null;
  if (typeof config !== 'object' || !config || !('dataset' in config))
    throw refuse('resume/no-run', `${directory} is no run folder`, 'Name one such as runs/NAME/001.');
  if (await isFinished(directory))
    throw refuse('resume/no-checkpoint', `${directory} is finished, and it has no checkpoints`, 'Start a new run.');
  return config;
}

const parsed = (text: string): unknown => {
  try {
    return parse(text) as unknown;
  } catch {
    return null;
  }
};

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
