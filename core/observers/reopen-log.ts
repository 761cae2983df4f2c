import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { RunEvent } from '../events/index.js';
import { formatEvent, parseEvent } from './event-line.js';

/**
 * Cuts `events.jsonl` back to the events before `sequence`, so that a resumed run goes on from there.
 * @param start takes the place of the first event
 * @returns the events that stay, steps left out; `undefined` where the log lacks some, and is left as it was
 */
export async function reopenLog(directory: string, sequence: number, start: RunEvent): Promise<RunEvent[] | undefined> {
  const file = join(directory, 'events.jsonl');
  const cut = `${file}.tmp`;
  const kept: RunEvent[] = [start];
  const output = createWriteStream(cut);
  output.write(`${formatEvent(start)}\n`);
  let next = 0;
  try {
    for await (const line of createInterface({ input: createReadStream(file, 'utf8'), crlfDelay: Infinity })) {
      if (next === sequence) break;
      const event = parseEvent(line);
      if (event.sequence !== next) return undefined;
      if (next++ === 0) continue;
      if (event.type !== 'step:end' && event.type !== 'meta-step:end') kept.push(event);
      if (!output.write(`${line}\n`)) await once(output, 'drain');
    }
  } finally {
    output.end();
    await finished(output);
  }
  if (next < sequence) return undefined;
  const handle = await open(cut, 'r+');
  await handle.sync().finally(() => handle.close());
  await rename(cut, file);
  return kept;
}
