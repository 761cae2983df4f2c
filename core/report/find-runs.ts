import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { DataError } from '../errors/index.js';
import { readComparison, type FoundRun } from './comparison.js';

/** What makes a folder one of a run. */
const record = ['config.yaml', 'events.jsonl'];

/** The runs of a report, and which ones a comparison lacks. */
export interface FoundRuns {
  readonly runs: readonly FoundRun[];
  readonly missing: readonly string[];
}

/**
 * The runs at or below each of `paths`, in their order and sorted below each, every one once; of a comparison those that it
 * counts.
 * @param cwd what relative paths count from
 * @throws DataError for a path that isn't there, or that holds no run
 */
export async function findRuns(paths: readonly string[], cwd: string): Promise<FoundRuns> {
  const found = new Map<string, FoundRun>();
  const missing: string[] = [];
  for (const path of paths) {
    const folder = resolve(cwd, path);
    const isFolder = await stat(folder).then(
      (entry) => entry.isDirectory(),
      () => false,
    );
    const hint = 'Name folders such as runs/NAME/001, or any folder that holds some.';
    if (!isFolder) throw new DataError('report/no-folder', `there is no folder ${path}`, { hint });
    const below = await search(folder);
    if (below.runs.length === 0) {
      const fault = `${path} holds no run: no folder in it has ${record.join(' and ')}`;
      throw new DataError('report/no-run', fault, { hint });
    }
    for (const run of below.runs) if (!found.has(run.folder)) found.set(run.folder, run);
    missing.push(...below.missing);
  }
  return { runs: [...found.values()], missing };
}

async function search(folder: string): Promise<FoundRuns> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = new Set(entries.map(({ name }) => name));
  if (record.every((name) => names.has(name))) return { runs: [{ folder }], missing: [] };
  const comparison = names.has('result.json') ? await readComparison(folder) : undefined;
  if (comparison && comparison.runs.length > 0) return comparison;
  const folders = entries.filter((entry) => entry.isDirectory() && entry.name !== 'node_modules');
  const below: FoundRuns[] = [];
  for (const { name } of folders.sort((a, b) => byNumber(a.name, b.name))) below.push(await search(join(folder, name)));
  return { runs: below.flatMap(({ runs }) => runs), missing: below.flatMap(({ missing }) => missing) };
}

const byNumber = (a: string, b: string): number => a.localeCompare(b, 'en', { numeric: true });

/** A run folder as a report calls it: relative, with slashes on every platform. */
export const displayFolder = (folder: string, cwd: string): string =>
  (relative(cwd, folder) || '.').replaceAll('\\', '/');
