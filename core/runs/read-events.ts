import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { DataError } from '../errors/index.js';
import type { RunEvent } from '../events/index.js';
import { parseEvent } from '../observers/index.js';

export interface ReadOptions {
  /** Whether to read the events of steps, too: most of a record. True by default. */
  readonly steps?: boolean;
  /** Hears of what a record lacks: the end of its last line, which a killed process leaves, and missing events. */
  readonly note?: (message: string) => void;
}

/** How the line of a step begins: an event's type is its first key. */
const ofStep = /^\{"type":"(?:step|meta-step):end"/;

/**
 * The events in a run folder's `events.jsonl`, in order, as they were recorded; `run:start` comes first.
 * @throws DataError with file and line for one that is no event or out of order, for a record without events, and for a file
 *   that can't be read
 */
export async function* readEvents(folder: string, options: ReadOptions = {}): AsyncGenerator<RunEvent, void> {
  const { steps = true, note = () => undefined } = options;
  const path = join(folder, 'events.jsonl');
  let before: RunEvent | undefined;
  let number = 0;
  for await (const { text, whole } of linesOf(path)) {
    number++;
    if (text.trim() === '' || (!steps && ofStep.test(text))) continue;
    const where = `${path}:${number}`;
    try {
      const event = inOrder(parseEvent(text), before);
      const next = before ? before.sequence + 1 : 0;
      if (steps && event.sequence > next) note(`${where}: events ${next} to ${event.sequence - 1} are missing`);
      before = event;
    } catch (cause) {
      if (!whole) {
        note(`${where}: the last line is broken off, as a killed run leaves it`);
        break;
      }
      const { code, message } = cause as DataError;
      throw new DataError(code, `${where}: ${message}`, {
        cause,
        hint: 'The record of this run is damaged; leave its folder out, or run it again.',
      });
    }
    yield before;
  }
  if (!before) {
    throw new DataError('data/no-run-start', `${path} holds no event`, {
      hint: 'The run ended before it began; leave its folder out.',
    });
  }
}

function inOrder(event: RunEvent, before: RunEvent | undefined): RunEvent {
  if (!before && event.type !== 'run:start')
    throw new DataError('data/no-run-start', `expected run:start as the first event, got ${event.type}`);
  if (before && event.sequence <= before.sequence)
    throw new DataError('data/event', `event ${event.sequence} comes after event ${before.sequence}`);
  return event;
}

/** A file's lines; the last one isn't whole where nothing ends it. */
async function* linesOf(path: string): AsyncGenerator<{ readonly text: string; readonly whole: boolean }, void> {
  let rest = '';
  try {
    await using file = await open(path);
    for await (const chunk of file.createReadStream({ encoding: 'utf8' }) as AsyncIterable<string>) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop()!;
      for (const text of lines) yield { text, whole: true };
    }
  } catch (cause) {
    throw new DataError('data/unreadable', `${path} can't be read: ${(cause as Error).message}`, { cause });
  }
  if (rest !== '') yield { text: rest, whole: false };
}
