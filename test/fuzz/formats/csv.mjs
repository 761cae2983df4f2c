import fc from 'fast-check';
import { evilNames, mutated, often } from '../mutate.mjs';

const field = fc.oneof(
  { arbitrary: fc.constantFrom('1', '-2.5', '3e2', '.5', '0'), weight: 12 },
  { arbitrary: fc.constantFrom('cat', 'dog', 'a b', '"q,""x"', '"two\nlines"'), weight: 6 },
  {
    arbitrary: fc.constantFrom('', 'NA', '?', '1e999', '0x10', '1_0', 'Infinity', '"', 'a"b', '\r', '\uFEFF'),
    weight: 1,
  },
  { arbitrary: evilNames, weight: 1 },
  {
    arbitrary: fc
      .tuple(fc.constantFrom('1', '"', 'x', '1e', ' '), often)
      .map(([piece, times]) => `${piece.repeat(times)}!`),
    weight: 1,
  },
);
const line = fc.array(field, { minLength: 1, maxLength: 4 }).map((fields) => fields.join(','));

/** Rows of as many fields as the header has. */
const table = fc
  .tuple(
    fc.uniqueArray(fc.oneof(fc.constantFrom('a', 'b', 'c', 'class', 'group'), evilNames), {
      minLength: 2,
      maxLength: 4,
    }),
    fc.array(fc.array(field, { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
  )
  .map(([names, rows]) => [names.join(','), ...rows.map((row) => row.slice(0, names.length).join(','))].join('\n'));

/** Two columns of numbers and one of classes, now and then with something else in between. */
const number = fc.oneof(
  { arbitrary: fc.constantFrom('1', '-2.5', '3e2', '.5', '0', '7', '19'), weight: 40 },
  { arbitrary: field, weight: 1 },
);
const sound = fc
  .array(fc.tuple(number, number, fc.constantFrom('cat', 'dog', '"a ""b"""')), { minLength: 2, maxLength: 8 })
  .map((rows) => ['a,b,class', ...rows.map((row) => row.join(','))].join('\n'));

const repeated = fc.tuple(line, line, often).map(([head, row, times]) => `${head}\n${`${row}\n`.repeat(times + 1)}`);
const wide = fc.tuple(often, fc.constantFrom('1', 'x')).map(([columns, value]) =>
  `${Array.from({ length: columns + 2 }, (_, i) => `c${i}`).join(',')}\n${Array(columns + 2)
    .fill(value)
    .join(',')}\n`.repeat(1),
);
/** Each row of a class of its own, with a long name. */
const classes = fc
  .tuple(often, often)
  .map(([rows, length]) =>
    length * rows > 2e6
      ? 'a,class\n1,x\n'
      : `a,class\n${Array.from({ length: rows + 2 }, (_, i) => `${i},${'x'.repeat(length)}${i}`).join('\n')}\n`,
  );

const text = fc.oneof(
  { arbitrary: sound, weight: 12 },
  { arbitrary: table, weight: 6 },
  { arbitrary: fc.array(line, { maxLength: 5 }).map((lines) => lines.join('\n')), weight: 4 },
  { arbitrary: repeated, weight: 2 },
  { arbitrary: fc.oneof(wide, classes), weight: 1 },
  { arbitrary: fc.string({ unit: 'binary', maxLength: 40 }), weight: 1 },
);
const bytes = text.map((characters) => Buffer.from(characters));

/** @type {import('./index.mjs').Format} */
export const csvFormat = {
  name: 'csv',
  inputs: fc.record({
    files: fc.record({
      'train.csv': fc.oneof({ arbitrary: bytes, weight: 3 }, { arbitrary: mutated(bytes), weight: 1 }),
      'test.csv': fc.oneof(
        sound.map((rows) => Buffer.from(rows)),
        bytes,
      ),
    }),
    options: fc.record({
      split: fc.boolean(),
      missing: fc.constantFrom('refuse', 'mean'),
      levels: fc.oneof(
        { arbitrary: fc.constant(null), weight: 4 },
        {
          arbitrary: fc.array(fc.oneof(fc.constantFrom('class', 'a', 'b'), evilNames), { minLength: 1, maxLength: 2 }),
          weight: 1,
        },
      ),
    }),
  }),
  async read({ Csv, CsvConfig, Random, use }, folder, { options: { split, missing, levels } }) {
    const [train, test] = [`${folder}/train.csv`, `${folder}/test.csv`];
    const files = split ? { file: train } : { trainFile: train, testFile: test };
    const config = CsvConfig.parse({ ...files, missing, ...(levels && { levels }) });
    use(await new Csv(config, new Random(1)).load());
  },
};
