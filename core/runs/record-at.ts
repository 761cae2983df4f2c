import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** What a run itself writes into its folder. */
const record = ['config.yaml', 'events.jsonl', 'metrics.csv', 'summary.json', 'run.lock', 'checkpoints', 'weights'];

/**
 * The folder of the run whose record a file or folder belongs to, or would if it were written.
 * @param path absolute, links followed
 * @returns `undefined` where it is no run's record, such as the run folder's `export`
 */
export function recordAt(path: string): string | undefined {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'events.jsonl'))) {
      const [first] = relative(folder, path).split(sep);
      return record.some((name) => first === name || first!.startsWith(`${name}.`)) ? folder : undefined;
    }
    if (folder === dirname(folder)) return undefined;
  }
}
