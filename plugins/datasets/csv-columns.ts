import { ConfigError } from '../../core/errors/index.js';
import type { CsvFile } from './csv-file.js';
import { isMissing, listed, nearestOf, numberOf, quoted } from './csv-values.js';

/** What the columns of a file are used for, by name. */
export interface CsvColumns {
  readonly features: readonly string[];
  /** Coarse to fine. */
  readonly levels: readonly string[];
  /** The number to predict, of a regression. */
  readonly target?: string | undefined;
}

/** The keys that say it. */
export interface ColumnKeys {
  readonly target?: string | undefined;
  readonly levels?: readonly string[] | undefined;
  readonly features?: readonly string[] | undefined;
  readonly ignore: readonly string[];
}

/**
 * Chooses the columns. Without `levels` those are labels whose first row holds no number, in the order of the file, or the
 * last column where all hold numbers; with a `target` there are no other levels than those named. Without `features` all other
 * columns are.
 * @throws ConfigError for a column that isn't there or has two uses, and where there is nothing to learn from.
 */
export function chooseColumns({ header, first, path }: CsvFile, keys: ColumnKeys): CsvColumns {
  const columns = new Set(header);
  for (const key of ['levels', 'features', 'ignore'] as const)
    for (const [index, name] of (keys[key] ?? []).entries())
      if (!columns.has(name)) throw unknownColumn(header, name, ['dataset', key, index], path);

  const { target } = keys;
  const targets = target === undefined ? [] : [target];
  if (target !== undefined && !columns.has(target)) throw unknownColumn(header, target, ['dataset', 'target'], path);
  const open = without(header, [...keys.ignore, ...targets]);
  const levels =
    keys.levels ?? (target === undefined ? labelColumns(open, keys.features ?? [], textColumns(header, first)) : []);
  const features = keys.features ?? without(open, levels);
  refuseTwoUses({ target: targets, levels, features, ignore: keys.ignore });
  if (features.length === 0 || (levels.length === 0 && target === undefined)) {
    const what = features.length === 0 ? 'feature' : 'label';
    throw ConfigError.of(
      'config/no-columns',
      ['dataset', what === 'feature' ? 'features' : 'levels'],
      `no ${what} column is left of those in ${path}`,
      `Its columns: ${listed(header)}.`,
    );
  }
  return { features, levels, target };
}

function textColumns(header: readonly string[], first: CsvFile['first']): ReadonlySet<string> {
  const found = header.filter((_, index) => {
    const { text } = first[index]!;
    return !isMissing(text) && numberOf(text) === undefined;
  });
  return new Set(found);
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Set(others);
  return names.filter((name) => !left.has(name));
}

function labelColumns(
  open: readonly string[],
  features: readonly string[],
  text: ReadonlySet<string>,
): readonly string[] {
  const candidates = without(open, features);
  const labels = candidates.filter((name) => text.has(name));
  return labels.length > 0 ? labels : candidates.slice(-1);
}

function unknownColumn(header: readonly string[], name: string, path: (string | number)[], file: string): ConfigError {
  const close = nearestOf(name, header);
  return ConfigError.of(
    'config/unknown-column',
    path,
    `no column ${quoted(name)} in ${file}${close === undefined ? '' : `; the nearest is "${close}"`}`,
    `Its columns: ${listed(header)}.`,
  );
}

function refuseTwoUses(uses: Readonly<Record<'target' | 'levels' | 'features' | 'ignore', readonly string[]>>): void {
  const used = new Map<string, string>();
  for (const [key, names] of Object.entries(uses)) {
    for (const name of names) {
      const other = used.get(name);
      if (other)
        throw ConfigError.of(
          'config/column-used-twice',
          ['dataset', key],
          `column ${quoted(name)} is already in "${other}"`,
        );
      used.set(name, key);
    }
  }
}
