import type { Levels } from '../../core/datasets/index.js';
import { DataError } from '../../core/errors/index.js';
import type { Field } from './csv-rows.js';
import { nearestOf, quoted } from './csv-values.js';

/** The classes of one label column, numbered as they were met, and the coarser class of each with the place that said so. */
interface Column {
  readonly name: string;
  readonly numbers: Map<string, number>;
  readonly parents: { readonly number: number; readonly where: string }[];
}

/** Collects label columns, coarse to fine, into levels: each class must lie in one class of the column before. */
export class LevelColumns {
  private readonly columns: readonly Column[];
  private closed = false;

  /** @param names of the columns, coarse to fine. */
  constructor(names: readonly string[]) {
    this.columns = names.map((name) => ({ name, numbers: new Map<string, number>(), parents: [] }));
  }

  /** From here on a class that wasn't met is a fault. */
  close(): void {
    this.closed = true;
  }

  /**
   * The classes that one row names, as numbers of the order in which they were met.
   * @throws DataError for a class in two coarser ones, and for a new one after `close`.
   */
  numbers(row: readonly Field[], file: string): readonly number[] {
    const numbers: number[] = [];
    for (const [level, { text, line, column }] of row.entries()) {
      const where = `${file}:${line}:${column}`;
      const number = this.number(this.columns[level]!, text, where);
      if (level > 0) this.place(level, number, { number: numbers[level - 1]!, where });
      numbers.push(number);
    }
    return numbers;
  }

  /** The levels, with classes in order of their names, and what turns numbers into these classes. */
  finish(): { readonly levels: Levels; readonly classesOf: Readonly<Record<string, Int32Array>> } {
    const sorted = this.columns.map(({ numbers }) => [...numbers.keys()].sort(byName));
    const ranks = this.columns.map(({ numbers }, level) => {
      const rank = new Int32Array(numbers.size);
      for (const [index, name] of sorted[level]!.entries()) rank[numbers.get(name)!] = index;
      return rank;
    });
    const levels = this.columns.map(({ name, numbers, parents }, level) => {
      const classes = sorted[level]!;
      const coarser = this.columns[level - 1];
      if (!coarser) return { name, classes };
      const of = classes.map((label) => ranks[level - 1]![parents[numbers.get(label)!]!.number]!);
      return { name, classes, parent: { level: coarser.name, of } };
    });
    return {
      levels: Object.fromEntries(levels.map((level) => [level.name, level])),
      classesOf: Object.fromEntries(this.columns.map(({ name }, level) => [name, ranks[level]!])),
    };
  }

  private number({ name, numbers }: Column, text: string, where: string): number {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    if (this.closed) {
      const close = nearestOf(text, numbers.keys());
      throw new DataError(
        'data/unknown-class',
        `${where}: class ${quoted(text)} of ${quoted(name)} is in no training row${close === undefined ? '' : `; the nearest is "${close}"`}`,
      );
    }
    numbers.set(text, numbers.size);
    return numbers.size - 1;
  }

  private place(level: number, number: number, parent: Column['parents'][number]): void {
    const [coarse, fine] = [this.columns[level - 1]!, this.columns[level]!];
    const known = (fine.parents[number] ??= parent);
    if (known.number === parent.number) return;
    const label = ({ numbers }: Column, wanted: number) => quoted([...numbers.keys()][wanted]!);
    throw new DataError(
      'data/no-hierarchy',
      `${parent.where}: ${label(fine, number)} of ${quoted(fine.name)} lies in ${label(coarse, parent.number)} of ${quoted(coarse.name)} here, ` +
        `but in ${label(coarse, known.number)} at ${known.where}`,
      { hint: 'List the label columns from coarse to fine as `dataset.levels`, or only those that form a hierarchy.' },
    );
  }
}

/** Numbers by their value, and before other names. */
function byName(a: string, b: string): number {
  const [x, y] = [Number(a), Number(b)];
  if (x - y) return x - y;
  const rank = (value: number) => (Number.isNaN(value) ? 1 : 0);
  return rank(x) - rank(y) || (a < b ? -1 : Number(a > b));
}
