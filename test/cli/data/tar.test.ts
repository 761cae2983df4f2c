import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tarEntries } from '../../../core/cli/data/tar.js';
import { DataError } from '../../../core/errors/index.js';
import { tarEnd, tarFile, tarHeader } from './tar-bytes.js';

/** The bytes in pieces of `size`. */
async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Paths and texts of an archive's files; those in `unread` aren't read. */
async function read(bytes: Uint8Array, size = 700, unread: readonly string[] = []): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { path, content } of tarEntries(pieces(bytes, size), 'a.tar')) {
    const name = path.join('/');
    files[name] = '';
    if (unread.includes(name)) continue;
    for await (const chunk of content) files[name] += Buffer.from(chunk).toString();
  }
  return files;
}

describe('tarEntries', () => {
  it('reads files of any size out of chunks of any size', async () => {
    const sizes = fc.array(fc.constantFrom(0, 1, 511, 512, 513, 3000), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 3000 }), async (lengths, size) => {
        const files = Object.fromEntries(lengths.map((length, i) => [`folder/${i}`, `${i}`.repeat(length)]));
        const written = Object.entries(files).map(([name, text]) => tarFile(name, text));
        expect(await read(Buffer.concat([...written, tarEnd]), size)).toEqual(files);
        expect(Object.keys(await read(Buffer.concat([...written, tarEnd]), size, Object.keys(files)))).toEqual(
          Object.keys(files),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('joins prefix and name, leaves out folders, and takes long names from GNU and pax entries', async () => {
    const long = `${'long/'.repeat(50)}name`;
    const record = (text: string) => `${text.length + 4} ${text}\n`;
    const archive = Buffer.concat([
      tarFile('./b', '1', '0', 'a'),
      tarHeader('folder/', 0, '5'),
      tarFile('././@LongLink', `${long}\0`, 'L'),
      tarFile('cut', '2'),
      tarFile('pax', record(`path=${long}2`) + record('mtime=123456789'), 'x'),
      tarFile('cut', '3'),
      tarFile('global', record('comment=123456789'), 'g'),
      tarFile('c', '4'),
      tarEnd,
    ]);
    expect(await read(archive)).toEqual({ 'a/b': '1', [long]: '2', [`${long}2`]: '3', c: '4' });
  });

  (process.platform === 'linux' ? it.each(['ustar', 'gnu', 'pax', 'v7']) : it.skip.each(['tar']))(
    'reads what tar writes as %s',
    async (format) => {
      const folder = mkdtempSync(join(tmpdir(), 'auxflow-tar-'));
      const deep = format === 'v7' ? 'deep/' : 'a-folder-with-a-name/'.repeat(8);
      const files = { 'data/1.txt': 'one', [`data/${deep}2.txt`]: 'two'.repeat(5000), 'data/ümlaut': '' };
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, name)), { recursive: true });
        writeFileSync(join(folder, name), text);
      }
      const archive = execFileSync('tar', ['-C', folder, `--format=${format}`, '-cf', '-', 'data'], { maxBuffer: 1e7 });
      expect(await read(archive)).toEqual(files);
      rmSync(folder, { recursive: true });
    },
  );

  const damaged = tarFile('a', 'x');
  damaged[0] = 0x62;
  it.each([
    [
      'a damaged header',
      Buffer.concat([tarFile('a', 'x'), damaged]),
      'a.tar, byte 1024 (unpacked): no header of a tar archive',
    ],
    ['another file', Buffer.alloc(600, 'text'), 'byte 0 (unpacked): no header'],
    ['a missing end', tarFile('a', 'x'), 'byte 1024 (unpacked): the archive ends here, but 512 bytes must follow'],
    ['a truncated file', tarFile('a', 'x'.repeat(600)).subarray(0, 800), 'byte 800 (unpacked): the archive ends here'],
    ['a symbolic link', tarFile('link', '', '2'), '"link" is neither a file nor a folder (type 2)'],
    ['a path upwards', tarFile('a/../../b', ''), '"a/../../b" leads outside'],
    ['an absolute path', tarFile('/etc/passwd', ''), 'leads outside'],
    ['a backslash', tarFile('a\\b', ''), 'leads outside'],
    ['a drive', tarFile('C:b', ''), 'leads outside'],
    ['no name', tarFile('./', ''), 'leads outside'],
  ])('refuses %s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(DataError);
    await expect(read(bytes)).rejects.toThrow(message);
  });
});
