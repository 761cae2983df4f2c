import { isDeepStrictEqual } from 'node:util';
import { ConfigError } from '../errors/index.js';

/** Keys that say how far, how watched and where a run goes on, not what it computes until then. */
const safe: ReadonlySet<string> = new Set(['epochs', 'observers', 'checkpoints', 'name', 'runs', 'plugins']);

/**
 * Refuses to go on with another pipeline than the one that was begun.
 * @param before as the checkpoint has it
 * @throws ConfigError naming every key that differs and isn't safe to change
 */
export function refuseChanges(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): void {
  const changes = differences(before, now, []).filter(({ path }) => !safe.has(path[0]!));
  if (changes.length === 0) return;
  throw new ConfigError(
    changes.map(({ path, from, to }) => ({
      code: 'resume/changed',
      path,
      message: `was ${show(from)} when the run began, is ${show(to)} now`,
    })),
    {
      hint:
        `Go on with the pipeline as it was (only ${[...safe].join(', ')} may change), ` +
        'start a new run, or use --force if you know what it means.',
    },
  );
}

interface Difference {
  readonly path: readonly string[];
  readonly from: unknown;
  readonly to: unknown;
}

function differences(from: unknown, to: unknown, path: readonly string[]): Difference[] {
  if (isDeepStrictEqual(from, to)) return [];
  if (!isMap(from) || !isMap(to)) return [{ path, from, to }];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return keys.flatMap((key) => differences(from[key], to[key], [...path, key]));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const show = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));
