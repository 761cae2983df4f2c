import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DataError } from '../../core/errors/index.js';
import { csvRows } from '../../plugins/datasets/csv-rows.js';

const rows = (text: string, separator = ',') => [...csvRows(text, separator, 'a.csv')];
const texts = (text: string, separator?: string) => rows(text, separator).map((row) => row.map((field) => field.text));

describe('csvRows', () => {
  it('gives back what was quoted and written, in any line ends and separators', () => {
    const field = fc.string({ unit: fc.constantFrom('a', '7', ' ', ',', ';', '\t', '"', '\n', '\r', 'é') });
    const table = fc.array(fc.array(field, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t', ']', '^'),
        fc.constantFrom('\n', '\r\n'),
        (written, separator, end) => {
          const line = (row: string[]) => row.map((text) => `"${text.replaceAll('"', '""')}"`).join(separator);
          expect(texts(written.map(line).join(end), separator)).toEqual(written);
        },
      ),
    );
  });

  it('leaves out spaces around unquoted fields, empty lines and a byte order mark', () => {
    expect(texts('\uFEFFa, b c ,d\n\n  \n1,,\r\n\r\n')).toEqual([
      ['a', 'b c', 'd'],
      ['1', '', ''],
    ]);
    expect(texts('" a",""\n')).toEqual([[' a', '']]);
    expect(texts('""')).toEqual([['']]);
    expect(texts('')).toEqual([]);
  });

  it('says where each field begins, also after quoted line ends', () => {
    const places = rows('\uFEFFab,c\n"x\ny",z\r\n1,"2"').map((row) =>
      row.map(({ line, column }) => `${line}:${column}`),
    );
    expect(places).toEqual([
      ['1:1', '1:4'],
      ['2:1', '3:4'],
      ['4:1', '4:3'],
    ]);
  });

  it.each([
    ['a,"b', 'a.csv:1:3: this quote is never closed'],
    ['a,b\nc,d"e', 'a.csv:2:4: a quote inside a field'],
    ['"a"b,c', 'a.csv:1:4: expected "," or the end of the line after a quoted field'],
    ['"a\nbc"d,c', 'a.csv:2:4: expected ","'],
    ['a\rb', 'a.csv:1:2: a carriage return without a line feed'],
    ['"a"\rb', 'a.csv:1:4: expected ","'],
  ])('refuses %j', (text, message) => {
    expect(() => rows(text)).toThrow(DataError);
    expect(() => rows(text)).toThrow(message);
  });
});
