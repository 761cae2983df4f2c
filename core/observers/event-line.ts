import { DataError } from '../errors/index.js';
import type { RunEvent } from '../events/index.js';

/** An event as one line of JSON: typed arrays as plain ones, numbers that aren't finite as null. */
export const formatEvent = (event: RunEvent): string =>
  Object.values(event).some((value) => typeof value === 'object')
    ? JSON.stringify(event, (_, value: unknown) => (isTypedArray(value) ? Array.from(value) : value))
    : JSON.stringify(event); // most steps' way, in a third of the time

/**
 * Reads a line of `events.jsonl` back; numbers that weren't finite come back as NaN.
 * @throws DataError for what is no event, such as the last line of a run that was killed.
 */
export function parseEvent(line: string): RunEvent {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch (cause) {
    throw new DataError('data/event', `not an event, for it isn't JSON: ${excerpt(line)}`, { cause });
  }
  if (!isEvent(event))
    throw new DataError('data/event', `not an event, which has type, sequence and time: ${excerpt(line)}`);
  const { config, ...rest } = event as Record<string, unknown>;
  const revived = revive(rest) as Record<string, unknown>;
  return {
    ...revived,
    ...('config' in event && { config }),
    ...Object.fromEntries(
      arrays.flatMap((key) => (key in revived ? [[key, Float32Array.from(revived[key] as number[])]] : [])),
    ),
  } as unknown as RunEvent;
}

/** Keys whose values are typed arrays. */
const arrays = ['labelMass', 'labelEntropy', 'metaCotangentNorms', 'regulariserCotangentNorms'];

type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

const isTypedArray = (value: unknown): value is NumberArray =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);

/** No event but a configuration has a null of its own. */
function revive(value: unknown): unknown {
  if (value === null) return NaN;
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, revive(inner)]));
}

const isEvent = (value: unknown): value is Pick<RunEvent, 'type' | 'sequence' | 'time'> =>
  typeof value === 'object' &&
  value !== null &&
  ['type', 'sequence', 'time'].every((key) => typeof value[key as never] === (key === 'type' ? 'string' : 'number'));

const excerpt = (line: string) => (line.length > 60 ? `${line.slice(0, 60)}...` : line);
