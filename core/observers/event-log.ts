import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';
import { formatEvent } from './event-line.js';

/** Characters held back between two epochs' ends at most. */
const bufferSize = 1 << 16;

/** Writes every event to `events.jsonl`, one line each; `parseEvent` reads a line back. */
export function eventLog(directory: string): Observer {
  const file = join(directory, 'events.jsonl');
  return {
    name: 'event-log',
    async observe(events) {
      let buffer = '';
      const flush = () => {
        appendFileSync(file, buffer);
        buffer = '';
      };
      writeFileSync(file, '');
      try {
        await follow(events, (event) => {
          buffer += `${formatEvent(event)}\n`;
          if (event.type === 'run:start' || event.type === 'epoch:end' || buffer.length > bufferSize) flush();
        });
      } finally {
        flush();
      }
    },
  };
}
