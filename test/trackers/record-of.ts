import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunEventOf } from '../../core/events/index.js';
import { parseEvent } from '../../core/observers/index.js';

/** The epochs in a run folder's own record. */
export const epochsOf = (directory: string): RunEventOf<'epoch:end'>[] =>
  readFileSync(join(directory, 'events.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(parseEvent)
    .filter((event) => event.type === 'epoch:end');
