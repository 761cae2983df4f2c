import { constants } from 'node:buffer';
import { extname } from 'node:path';
import { DataError } from '../../core/errors/index.js';
import { csvRows, type Field } from './csv-rows.js';
import { quoted } from './csv-values.js';
import { readWhole } from './open-file.js';

/** A file of rows under a header. */
export interface CsvFile {
  readonly path: string;
  readonly header: readonly string[];
  /** The first row under the header. */
  readonly first: readonly Field[];
  /** Every row under the header, the first one too, each with as many fields as the header. */
  rows(): Iterable<readonly Field[]>;
}

/**
 * Reads a file and its header; a column without a name is called `column 3`, by its place.
 * @param separator a tab for `.tsv` and `.tab` and a comma otherwise, where none is given.
 * @throws DataError for a file that is missing, empty, without a header or not in the format, with line and column.
 */
export async function readCsv(path: string, separator = guessed(path)): Promise<CsvFile> {
  const text = (await readWhole(path, constants.MAX_STRING_LENGTH, 'a table')).toString('utf8');
  const [top, first] = take(csvRows(text, separator, path), 2);
  if (!top || !first) throw new DataError('data/empty-file', `${path}: expected a header and rows under it`);
  const header = headerOf(top, path);

  return {
    path,
    header,
    first: sized(first, header, path),
    *rows() {
      let skipped = false;
      for (const row of csvRows(text, separator, path)) {
        if (skipped) yield sized(row, header, path);
        skipped = true;
      }
    },
  };
}

const guessed = (path: string): string => (['.tsv', '.tab'].includes(extname(path).toLowerCase()) ? '\t' : ',');

function headerOf(row: readonly Field[], path: string): readonly string[] {
  if (row.every(({ text }) => text !== '' && Number.isFinite(Number(text))))
    throw new DataError('data/no-header', `${path}:1:1: expected the names of the columns, got numbers`, {
      hint: 'Write a first line with one name for each column.',
    });
  const names = row.map(({ text }, index) => text || `column ${index + 1}`);
  const met = new Set<string>();
  const second = names.findIndex((name) => met.size === met.add(name).size);
  if (second < 0) return names;
  const { line, column, text } = row[second]!;
  throw new DataError('data/repeated-column', `${path}:${line}:${column}: a second column named ${quoted(text)}`);
}

function sized(row: readonly Field[], header: readonly string[], path: string): readonly Field[] {
  if (row.length === header.length) return row;
  const { line, column } = row[Math.min(row.length, header.length + 1) - 1]!;
  throw new DataError(
    'data/wrong-field-count',
    `${path}:${line}:${column}: ${row.length} fields, but the header names ${header.length} columns`,
    { hint: 'A field that holds the separator must be quoted; another separator can be given as `dataset.separator`.' },
  );
}

function take<T>(items: Iterable<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) if (taken.push(item) === count) break;
  return taken;
}
