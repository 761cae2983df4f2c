import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a finished run left: weights byte by byte, metrics, events and summary without what a clock or a place says.
 * @param {string} folder
 * @returns {Readonly<Record<string, string>>}
 */
export function leftBehind(folder) {
  /** @param {string} name */
  const text = (name) => readFileSync(join(folder, name), 'utf8');
  const weights = readdirSync(join(folder, 'weights')).sort();
  return {
    'metrics.csv': text('metrics.csv'),
    'events.jsonl': text('events.jsonl').trimEnd().split('\n').map(timeless).join('\n'),
    'summary.json': timeless(text('summary.json')),
    ...Object.fromEntries(
      weights.map((name) => [`weights/${name}`, readFileSync(join(folder, 'weights', name)).toString('hex')]),
    ),
  };
}

/** @param {string} json */
const timeless = (json) =>
  JSON.stringify(JSON.parse(json, (key, value) => (/^(time|.*Ms|path|bytes|directory|runs)$/.test(key) ? 0 : value)));

/**
 * Names of the files in which two runs differ.
 * @param {Readonly<Record<string, string>>} a
 * @param {Readonly<Record<string, string>>} b
 */
export const differences = (a, b) =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => a[name] !== b[name]);
