import { DataError } from '../../errors/index.js';

/** A file in a tar archive. */
export interface TarEntry {
  /** Parts of its path: no `..`, never empty. */
  readonly path: readonly string[];
  readonly size: number;
  /** To be read before the next entry is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

const block = 512;

/**
 * The regular files of a tar archive (ustar, with the long names of GNU and pax), in its order; folders are left out.
 * @param archive named in errors.
 * @throws DataError for bytes that are no tar archive, a truncated one, links and devices, and paths that lead outside.
 */
export async function* tarEntries(bytes: AsyncIterable<Uint8Array>, archive: string): AsyncIterable<TarEntry> {
  const source = new Bytes(bytes, archive);
  let longName: string | undefined;
  for (;;) {
    const at = source.offset;
    const header = await source.read(block);
    if (header.every((byte) => byte === 0)) return;
    const fault = (message: string) => new DataError('data/tar', `${archive}, byte ${at} (unpacked): ${message}`);
    if (number(header, 148, 8) !== checksum(header)) throw fault('no header of a tar archive');
    const size = number(header, 124, 12);
    if (!Number.isInteger(size)) throw fault('a size that is no octal number');
    const padding = (block - (size % block)) % block;
    const type = String.fromCharCode(header[156]! || 0x30);
    const name = longName ?? [text(header, 345, 155), text(header, 0, 100)].filter(Boolean).join('/');

    if (type === 'L' || type === 'x') {
      const content = await source.read(size);
      longName = (type === 'L' ? text(content, 0, size) : paxPath(content)) ?? longName;
    } else if (type === '0' || type === '7') {
      const end = source.offset + size;
      yield { path: safePath(name, fault), size, content: source.take(size) };
      await source.skip(end - source.offset);
      longName = undefined;
    } else if (type === '5' || type === 'g') {
      await source.skip(size);
      if (type === '5') longName = undefined;
    } else {
      throw fault(`"${name}" is neither a file nor a folder (type ${type})`);
    }
    await source.skip(padding);
  }
}

/** A stream of bytes, read in pieces of any length. */
class Bytes {
  offset = 0;
  private readonly chunks: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array();

  constructor(
    chunks: AsyncIterable<Uint8Array>,
    private readonly archive: string,
  ) {
    this.chunks = chunks[Symbol.asyncIterator]();
  }

  async *take(count: number): AsyncIterable<Uint8Array> {
    for (let left = count; left > 0;) {
      if (this.rest.length === 0) {
        const next = await this.chunks.next();
        if (next.done)
          throw new DataError(
            'data/truncated',
            `${this.archive}, byte ${this.offset} (unpacked): the archive ends here, but ${left} bytes must follow`,
          );
        this.rest = next.value;
      }
      const part = this.rest.subarray(0, left);
      this.rest = this.rest.subarray(part.length);
      this.offset += part.length;
      left -= part.length;
      yield part;
    }
  }

  async read(count: number): Promise<Buffer> {
    const parts: Uint8Array[] = [];
    for await (const part of this.take(count)) parts.push(part);
    return Buffer.concat(parts);
  }

  async skip(count: number): Promise<void> {
    const parts = this.take(count)[Symbol.asyncIterator]();
    while (!(await parts.next()).done);
  }
}

const text = (bytes: Buffer, start: number, length: number): string => {
  const field = bytes.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
};

const number = (header: Buffer, start: number, length: number): number =>
  parseInt(text(header, start, length).trim() || '0', 8);

/** The sum of all bytes, those of the checksum itself counted as spaces. */
const checksum = (header: Buffer): number =>
  header.reduce((sum, byte, index) => sum + (index >= 148 && index < 156 ? 0x20 : byte), 0);

/** The path in pax records such as `27 path=a/very/long/name\n`. */
const paxPath = (content: Buffer): string | undefined => /^\d+ path=(.*)$/m.exec(content.toString('utf8'))?.[1];

function safePath(name: string, fault: (message: string) => DataError): readonly string[] {
  const path = name.split('/').filter((part) => part !== '' && part !== '.');
  const safe = path.length > 0 && !name.startsWith('/') && !path.some((part) => part === '..' || /[\\:\0]/.test(part));
  if (!safe) throw fault(`"${name}" leads outside the archive`);
  return path;
}
