import { DataError } from '../../core/errors/index.js';
import type { CsvColumns } from './csv-columns.js';
import type { CsvFile } from './csv-file.js';
import type { LevelColumns } from './csv-levels.js';
import type { Field } from './csv-rows.js';
import { isMissing, listed, numberOf, quoted } from './csv-values.js';

/** The rows of a file: features row by row, class numbers by level, and the numbers to predict. */
export interface CsvSamples {
  readonly inputs: Float64Array;
  readonly labels: Readonly<Record<string, Int32Array>>;
  /** Of a regression. */
  readonly targets?: Float64Array;
}

/**
 * Reads all rows of a file.
 * @param levels collects the classes that are met.
 * @param allowMissing a missing feature is NaN, instead of a fault.
 * @throws DataError for a feature or target that is no number, a label or target that is missing, a column that the file lacks.
 */
export function csvSamples(
  { path, header, rows }: CsvFile,
  columns: CsvColumns,
  levels: LevelColumns,
  allowMissing: boolean,
): CsvSamples {
  const places = new Map(header.map((name, index) => [name, index]));
  const place = (name: string): number => {
    const index = places.get(name);
    if (index !== undefined) return index;
    throw new DataError('data/missing-column', `${path}:1:1: no column ${quoted(name)}, which the training file has`, {
      hint: `Its columns: ${listed(header)}.`,
    });
  };
  const featurePlaces = columns.features.map(place);
  const levelPlaces = columns.levels.map(place);
  const targetPlaces = columns.target === undefined ? [] : [place(columns.target)];
  const inputs: number[] = [];
  const labels = columns.levels.map((): number[] => []);
  const targets: number[] = [];

  for (const row of rows()) {
    for (const index of featurePlaces) inputs.push(feature(row[index]!, header[index]!, path, allowMissing));
    for (const index of targetPlaces) targets.push(target(row[index]!, header[index]!, path));
    const fields = levelPlaces.map((index) => label(row[index]!, header[index]!, path));
    for (const [level, number] of levels.numbers(fields, path).entries()) labels[level]!.push(number);
  }
  return {
    inputs: Float64Array.from(inputs),
    labels: Object.fromEntries(columns.levels.map((name, level) => [name, Int32Array.from(labels[level]!)])),
    ...(columns.target !== undefined && { targets: Float64Array.from(targets) }),
  };
}

function feature({ text, line, column }: Field, name: string, path: string, allowMissing: boolean): number {
  const value = numberOf(text);
  if (value !== undefined) return value;
  const where = `${path}:${line}:${column}`;
  if (!isMissing(text))
    throw new DataError(
      'data/no-number',
      `${where}: ${quoted(text)} of feature ${quoted(name)} is no number that float32 can hold`,
      {
        hint: `Decimals have a point. A column of labels belongs in \`dataset.levels\`, one of no use in \`dataset.ignore\`.`,
      },
    );
  if (allowMissing) return NaN;
  throw new DataError('data/missing-value', `${where}: the value of feature ${quoted(name)} is missing`, {
    hint: "Write `missing: mean` to put the feature's mean over the training samples in its place.",
  });
}

function target({ text, line, column }: Field, name: string, path: string): number {
  const value = numberOf(text);
  if (value !== undefined) return value;
  const what = isMissing(text) ? 'is missing' : `is ${quoted(text)}, no number that float32 can hold`;
  throw new DataError('data/no-target', `${path}:${line}:${column}: the target ${quoted(name)} ${what}`, {
    hint: 'Leave out rows without one; decimals have a point. Classes are told apart by `dataset.levels` instead.',
  });
}

function label(field: Field, name: string, path: string): Field {
  if (!isMissing(field.text)) return field;
  throw new DataError(
    'data/missing-label',
    `${path}:${field.line}:${field.column}: the label ${quoted(name)} is missing`,
  );
}
