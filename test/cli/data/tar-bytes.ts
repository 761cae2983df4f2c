import { gzipSync } from 'node:zlib';

/** A ustar header, written independently of the code that reads it. */
export function tarHeader(name: string, size: number, type = '0', prefix = ''): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644', 100);
  header.write(size.toString(8).padStart(11, '0'), 124);
  header.write(' '.repeat(8), 148);
  header.write(type, 156);
  header.write('ustar\0' + '00', 257);
  header.write(prefix, 345);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

/** One file of an archive: its header and its content, padded. */
export const tarFile = (name: string, text: string, type?: string, prefix?: string): Buffer =>
  Buffer.concat([
    tarHeader(name, Buffer.byteLength(text), type, prefix),
    Buffer.from(text),
    Buffer.alloc((512 - (Buffer.byteLength(text) % 512)) % 512),
  ]);

/** What ends an archive. */
export const tarEnd = Buffer.alloc(1024);

/** A whole `.tar.gz`. */
export const archiveOf = (files: Readonly<Record<string, string>>): Buffer =>
  gzipSync(Buffer.concat([...Object.entries(files).map(([name, text]) => tarFile(name, text)), tarEnd]));
