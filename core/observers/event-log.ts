import { appendFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Observer } from '../stages/index.js';
import { follow } from './follow.js';
import { formatEvent } from './event-line.js';

/** Characters held back between two epochs' ends, and at most where nothing can be written. */
const [bufferSize, mostHeld] = [1 << 16, 1 << 24];

/**
 * Writes every event to `events.jsonl`, one line each; `parseEvent` reads a line back. Where the disk is full for a while,
 * lines are held back until they can be written whole.
 * @param from goes on with a log that holds the events before this sequence number
 */
export function eventLog(directory: string, from = 0): Observer {
  const file = join(directory, 'events.jsonl');
  let buffer = '';
  /** Of the file, in bytes, up to the last whole line. */
  let size = 0;
  const flush = (): void => {
    if (statSync(file).size > size) truncateSync(file, size);
    appendFileSync(file, buffer);
    size += Buffer.byteLength(buffer);
    buffer = '';
  };
  return {
    name: 'event-log',
    async observe(events) {
      if (from === 0) writeFileSync(file, '');
      else size = statSync(file).size;
      try {
        await follow(events, (event) => {
          if (event.sequence < from) return;
          buffer += `${formatEvent(event)}\n`;
          if (event.type !== 'run:start' && event.type !== 'epoch:end' && buffer.length <= bufferSize) return;
          try {
            flush();
          } catch (error) {
            // The next flush tries again; the one before a checkpoint says so if it fails, too.
            if (buffer.length > mostHeld) throw error;
          }
        });
      } finally {
        flush();
      }
    },
    flush,
  };
}
