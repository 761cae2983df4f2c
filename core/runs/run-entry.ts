import { z } from 'zod';
import { isLocked } from '../checkpoint/index.js';
import type { EngineInfo } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import type { EpochMetrics, RunEvent, RunEventOf, Summary } from '../events/index.js';
import { bestScore, type Score } from './score.js';
import { readEvents } from './read-events.js';

/** How a run is: `running` while a process holds its folder, `broken-off` where one was killed. */
export type RunState = 'ended' | 'stopped' | 'failed' | 'running' | 'broken-off' | 'damaged';
export const runStates: readonly RunState[] = ['ended', 'stopped', 'failed', 'running', 'broken-off', 'damaged'];

/** What a run folder tells of its run in short. */
export interface RunEntry {
  /** Absolute. */
  readonly folder: string;
  readonly state: Exclude<RunState, 'damaged'>;
  /** Why it stopped or failed. */
  readonly reason?: string;
  readonly name: string;
  readonly strategy: string;
  /** What `dataset.use` says. */
  readonly dataset: string;
  readonly seed: number;
  /** The resolved pipeline. */
  readonly config: unknown;
  /** What it computed with, where its record tells. */
  readonly engine?: EngineInfo;
  readonly epochs: { readonly done: number; readonly of: number };
  /** Milliseconds since 1970. */
  readonly started: number;
  readonly durationMs: number;
  /** Of the last finished epoch. */
  readonly metrics?: EpochMetrics;
  /** Over the finished epochs. */
  readonly score?: Score;
  /** Of a run that has ended. */
  readonly summary?: Summary;
}

/** A run folder that tells nothing, and why. */
export interface DamagedEntry {
  readonly folder: string;
  readonly state: 'damaged';
  readonly reason: string;
}

/** Reads what a run folder tells of its run; its steps are left out, unread. Never throws for what the folder holds. */
export async function readEntry(folder: string): Promise<RunEntry | DamagedEntry> {
  try {
    const locked = await isLocked(folder);
    const epochs: RunEventOf<'epoch:end'>[] = [];
    let start: RunEventOf<'run:start'> | undefined;
    let last: RunEvent | undefined;
    for await (const event of readEvents(folder, { steps: false })) {
      refuseHalf((last = event));
      if (event.type === 'run:start') start ??= event;
      else if (event.type === 'epoch:end') epochs.push(event);
    }
    return entryOf(folder, { start: start!, epochs, last: last! }, locked);
  } catch (error) {
    if (!(error instanceof DataError) && (error as NodeJS.ErrnoException).syscall === undefined) throw error;
    return { folder, state: 'damaged', reason: (error as Error).message };
  }
}

interface Told {
  readonly start: RunEventOf<'run:start'>;
  readonly epochs: readonly RunEventOf<'epoch:end'>[];
  readonly last: RunEvent;
}

function entryOf(folder: string, { start, epochs, last }: Told, locked: boolean): RunEntry {
  const { name, strategy, seed, config, engine, time } = start;
  const { dataset } = config as { readonly dataset?: { readonly use?: unknown } };
  const score = bestScore(epochs);
  const done = epochs.at(-1);
  return {
    folder,
    ...endingOf(last, time, locked),
    name,
    strategy,
    dataset: typeof dataset?.use === 'string' ? dataset.use : '',
    seed,
    config,
    ...(engine && { engine }),
    epochs: { done: done?.epoch ?? 0, of: start.epochs },
    started: time,
    ...(done && { metrics: done.metrics }),
    ...(score && { score }),
    ...(last.type === 'run:end' && { summary: last.summary }),
  };
}

/** A folder that is held runs on, whatever an earlier end of it says. */
function endingOf(last: RunEvent, started: number, locked: boolean): Pick<RunEntry, 'state' | 'reason' | 'durationMs'> {
  if (locked) return { state: 'running', durationMs: last.time - started };
  if (last.type === 'run:end') return { state: 'ended', durationMs: last.durationMs };
  if (last.type === 'run:stopped') return { state: 'stopped', reason: last.reason, durationMs: last.durationMs };
  if (last.type === 'run:failed') return { state: 'failed', reason: last.error.message, durationMs: last.durationMs };
  return { state: 'broken-off', durationMs: last.time - started };
}

const measured = z.union([z.number(), z.nan()]);
const ended = { durationMs: z.number() };

/** What an entry takes from an event, which a record that was edited may lack. */
const shapes: Partial<Record<RunEvent['type'], z.ZodObject>> = {
  'run:start': z.object({
    name: z.string(),
    strategy: z.string(),
    seed: z.number(),
    epochs: z.number(),
    config: z.record(z.string(), z.unknown()),
  }),
  'epoch:end': z.object({ epoch: z.number(), metrics: z.record(z.string(), measured) }),
  'run:end': z.object({ ...ended, summary: z.object({ test: z.record(z.string(), z.unknown()) }) }),
  'run:stopped': z.object({ ...ended, reason: z.string() }),
  'run:failed': z.object({ ...ended, error: z.object({ message: z.string() }) }),
};

function refuseHalf(event: RunEvent): void {
  const issue = shapes[event.type]?.safeParse(event).error?.issues[0];
  if (!issue) return;
  const key = issue.path.join('.');
  throw new DataError(
    'data/event',
    `events.jsonl: event ${event.sequence}, ${event.type}, has no ${key} as it should be`,
  );
}
