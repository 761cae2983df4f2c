import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';
import { formatEvent } from './event-line.js';

/** Characters held back between two epochs' ends at most. */
const bufferSize = 1 << 16;

/**
 * Writes every event to `events.jsonl`, one line each; `parseEvent` reads a line back.
 * @param from goes on with a log that holds the events before this sequence number
 */
export function eventLog(directory: string, from = 0): Observer {
  const file = join(directory, 'events.jsonl');
  let buffer = '';
  const flush = (): void => {
    appendFileSync(file, buffer);
    buffer = '';
  };
  return {
    name: 'event-log',
    async observe(events) {
      if (from === 0) writeFileSync(file, '');
      try {
        await follow(events, (event) => {
          if (event.sequence < from) return;
          buffer += `${formatEvent(event)}\n`;
          if (event.type === 'run:start' || event.type === 'epoch:end' || buffer.length > bufferSize) flush();
        });
      } finally {
        flush();
      }
    },
    flush,
  };
}
