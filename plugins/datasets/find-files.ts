import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../../core/errors/index.js';

/** What to look for, and where. */
export interface Lookup {
  /** The dataset's name, for errors. */
  readonly name: string;
  /** The folder that the pipeline gives; no other is looked at then. */
  readonly path?: string | undefined;
  /** Folders to look in otherwise, best first. */
  readonly places: readonly string[];
  /** A folder that the publisher's archive puts the files in; it may be there or not. */
  readonly inside?: string;
  /** The names that each file may have, most usual first. */
  readonly files: readonly (readonly string[])[];
  /** How to get the files: "run `auxflow data fetch svhn`". */
  readonly ways: string;
}

/**
 * The files of a dataset, from the first folder that has any of them, in the order of `files`.
 * @throws DataError for a file that is not there.
 */
export function findFiles({ name, path, places, inside, files, ways }: Lookup): readonly string[] {
  const roots = path === undefined ? places : [path];
  const folders = roots.flatMap((root) => (inside === undefined ? [root] : [root, join(root, inside)]));
  const locate = (folder: string) =>
    files.map((names) => names.map((file) => join(folder, file)).find((file) => existsSync(file)));
  const folder = folders.find((candidate) => locate(candidate).some((file) => file !== undefined));

  const hint = `Set \`dataset.path\` to a folder with ${files.map(([usual]) => usual!).join(', ')}; or ${ways}.`;
  if (folder === undefined)
    throw new DataError('data/missing-dataset', `no file of ${name} in ${folders.join(' or ')}`, { hint });
  return locate(folder).map((file, index) => {
    if (file !== undefined) return file;
    const names = files[index]!;
    const others = names.length > 1 ? ` Its names may be ${names.join(', ')}.` : '';
    throw new DataError('data/missing-file', `${join(folder, names[0]!)}: no such file`, { hint: hint + others });
  });
}
