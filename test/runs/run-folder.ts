import { join } from 'node:path';
import type { RunEvent } from '../../core/events/index.js';
import { formatEvent } from '../../core/observers/index.js';
import type { Folder } from '../config/folder.js';

/** Events as lines of a record. */
export const lines = (events: readonly RunEvent[]): string => events.map((event) => `${formatEvent(event)}\n`).join('');

/** Writes the record of a run into `folder`. @returns the run's folder, absolute. */
export function recordRun(folder: Folder, run: string, events: readonly RunEvent[], end = ''): string {
  folder.write(`${run}/config.yaml`, 'name: recorded\n');
  folder.write(`${run}/events.jsonl`, lines(events) + end);
  return join(folder.path, run);
}
