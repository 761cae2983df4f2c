import { DataError } from '../../core/errors/index.js';

/** One field of a row, and where it begins, counted from 1. */
export interface Field {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/**
 * The rows of comma- or tab-separated text (RFC 4180): fields may be quoted, `""` inside quotes is a quote, lines end in
 * LF or CRLF. Spaces around unquoted fields and empty lines are left out.
 * @param separator one character.
 * @param file named in errors.
 * @throws DataError for quotes that don't pair up or stand inside a field, and for a lone carriage return.
 */
export function* csvRows(text: string, separator: string, file: string): Iterable<readonly Field[]> {
  const plain = new RegExp(`[^\\u{${separator.codePointAt(0)!.toString(16)}}"\\r\\n]*`, 'uy');
  const byteOrderMark = text.startsWith('\uFEFF') ? 1 : 0;
  let [at, line, lineStart] = [byteOrderMark, 1, byteOrderMark];

  const fault = (message: string, offset: number, hint?: string) =>
    new DataError('data/csv-syntax', `${file}:${line}:${offset - lineStart + 1}: ${message}`, hint ? { hint } : {});
  const ends = (): boolean => at >= text.length || text[at] === '\n' || text.startsWith('\r\n', at);

  const quoted = (): string => {
    let end = text.indexOf('"', at + 1);
    while (end >= 0 && text[end + 1] === '"') end = text.indexOf('"', end + 2);
    if (end < 0) throw fault('this quote is never closed', at);
    const inside = text.slice(at + 1, end);
    const lines = inside.split('\n');
    if (lines.length > 1) lineStart = at + 1 + inside.lastIndexOf('\n') + 1;
    line += lines.length - 1;
    at = end + 1;
    if (!ends() && text[at] !== separator)
      throw fault(
        `expected ${named(separator)} or the end of the line after a quoted field`,
        at,
        'Inside quotes, write a quote twice.',
      );
    return inside.replaceAll('""', '"');
  };
  const unquoted = (): string => {
    plain.lastIndex = at;
    const [found] = plain.exec(text)!;
    at += found.length;
    if (text[at] === '"')
      throw fault('a quote inside a field', at, 'Quote the whole field, and write a quote in it twice.');
    if (text[at] === '\r' && !ends()) throw fault('a carriage return without a line feed', at);
    return found.trim();
  };

  while (at < text.length) {
    const row: Field[] = [];
    const start = at;
    do {
      if (row.length > 0) at++;
      const place = { line, column: at - lineStart + 1 };
      row.push({ text: text[at] === '"' ? quoted() : unquoted(), ...place });
    } while (text[at] === separator);
    const empty = row.length === 1 && text.slice(start, at).trim() === '';
    at += text[at] === '\r' ? 2 : 1;
    line += 1;
    lineStart = at;
    if (!empty) yield row;
  }
}

const named = (separator: string): string => (separator === '\t' ? 'a tab' : `"${separator}"`);
