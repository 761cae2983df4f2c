import { once } from 'node:events';
import { createReadStream, createWriteStream, existsSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { RunEvent } from '../events/index.js';
import { formatEvent, parseEvent } from './event-line.js';

/** A log that a resumed run goes on with. */
export interface ReopenedLog {
  /** The events that stay, steps left out. */
  readonly events: readonly RunEvent[];
  /** Where the log as it was has been moved, if it lacked events or was damaged before `sequence`. */
  readonly damaged?: string;
}

/**
 * Cuts `events.jsonl` back to the events before `sequence`, so that a resumed run goes on from there. Of a damaged log the
 * events before the damage stay.
 * @param start takes the place of the first event
 */
export async function reopenLog(directory: string, sequence: number, start: RunEvent): Promise<ReopenedLog> {
  const file = join(directory, 'events.jsonl');
  const cut = `${file}.tmp`;
  const events: RunEvent[] = [start];
  const output = createWriteStream(cut);
  output.write(`${formatEvent(start)}\n`);
  let next = 0;
  try {
    for await (const line of existsSync(file) ? linesOf(file) : []) {
      if (next === sequence) break;
      const event = readEvent(line);
      if (event?.sequence !== next) break;
      if (next++ === 0) continue;
      if (event.type !== 'step:end' && event.type !== 'meta-step:end') events.push(event);
      if (!output.write(`${line}\n`)) await once(output, 'drain');
    }
  } finally {
    output.end();
    await finished(output);
  }
  const handle = await open(cut, 'r+');
  await handle.sync().finally(() => handle.close());
  const damaged = next < sequence && existsSync(file) ? `${file}.damaged` : undefined;
  if (damaged !== undefined) await rename(file, damaged);
  await rename(cut, file);
  return { events, ...(damaged !== undefined && { damaged }) };
}

const linesOf = (file: string) => createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity });

/** `undefined` for a line that is no event. */
function readEvent(line: string): RunEvent | undefined {
  try {
    return parseEvent(line);
  } catch {
    return undefined;
  }
}
