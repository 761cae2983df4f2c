import { type FileHandle, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import { DataError } from '../../core/errors/index.js';
import { bytesAt } from './bytes-at.js';
import {
  checkMatHeader,
  elementTypes,
  endsEarly,
  headerBytes,
  malformed,
  type MatArray,
  parseMatrix,
  parseTag,
  type Place,
  type Tag,
  tagBytes,
} from './mat-format.js';
import { unreadable } from './unreadable.js';

/** How many times its own size zlib's data unpacks to at most (zlib's technical details). */
const largestRatio = 1032;

/**
 * Reads the numeric variables of a MATLAB 5 file (what MATLAB's `save` writes up to version 7), packed or not.
 * @returns variables by name; others (text, cells, structures) are left out.
 * @throws DataError for a file that is missing, damaged or of another format, with the byte at fault.
 */
export async function readMat(path: string): Promise<ReadonlyMap<string, MatArray>> {
  const file = await open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const at: Place = (offset) => `${path}, byte ${offset}`;
    const { size } = await file.stat();
    checkMatHeader(await bytesAt(file, 0, headerBytes), at);
    const arrays = new Map<string, MatArray>();
    for (let offset = headerBytes; offset < size;) {
      const tag = parseTag(await bytesAt(file, offset, tagBytes), offset, size, at);
      const array = await readVariable(file, path, offset, tag);
      if (array) arrays.set(array.name, array);
      offset = tag.next;
    }
    return arrays;
  } catch (cause) {
    throw cause instanceof DataError ? cause : unreadable(path, cause);
  } finally {
    await file.close();
  }
}

async function readVariable(file: FileHandle, path: string, offset: number, tag: Tag): Promise<MatArray | undefined> {
  if (tag.type === elementTypes.matrix)
    return parseMatrix(await bytesAt(file, tag.start, tag.bytes), (inside) => `${path}, byte ${tag.start + inside}`);
  if (tag.type === elementTypes.compressed) {
    const at: Place = (inside) => `${path}, byte ${inside} of what unpacks from byte ${tag.start}`;
    return parseMatrix((await unpack(file, path, tag, at)).subarray(tagBytes), (inside) => at(tagBytes + inside));
  }
  throw malformed(
    (where) => `${path}, byte ${where}`,
    offset,
    `an element of type ${tag.type}; variables have type 14, or 15 where they are packed`,
  );
}

/** Unpacks one matrix element, straight into the room that its tag asks for. */
async function unpack(file: FileHandle, path: string, { start, bytes }: Tag, at: Place): Promise<Uint8Array> {
  if (bytes === 0) throw malformed((where) => `${path}, byte ${where}`, start, 'a packed variable of 0 bytes');
  const inflate = createInflate({ chunkSize: 2 ** 18 });
  let room: Uint8Array | undefined;
  let filled = 0;
  const keep = (chunk: Uint8Array): void => {
    room ??= new Uint8Array(promised(chunk, bytes, at));
    if (filled + chunk.length > room.length)
      throw new DataError('data/too-long', `${at(room.length)}: the data goes on, but its tag promises no more`);
    room.set(chunk, filled);
    filled += chunk.length;
  };
  let fault: unknown;
  try {
    const source = file.createReadStream({ start, end: start + bytes - 1, autoClose: false });
    await pipeline(source, inflate, async (chunks: AsyncIterable<Uint8Array>) => {
      try {
        for await (const chunk of chunks) keep(chunk);
      } catch (cause) {
        fault = cause;
        throw cause;
      }
    });
  } catch (cause) {
    // Where `keep` threw, the pipeline may say no more than that it was aborted.
    if (fault instanceof DataError) throw fault;
    const { message } = cause as Error;
    const where = `${path}, near byte ${start + inflate.bytesWritten}`;
    throw new DataError('data/corrupt-zlib', `${where}: ${message} in packed data`, {
      hint: 'The download or copy may have stopped half-way; fetch the file again.',
      cause,
    });
  }
  if (!room || filled < room.length) throw endsEarly(at, filled, 'its tag promises more');
  return room;
}

/** Bytes of a whole matrix element with its tag, which stands in `head`. */
function promised(head: Uint8Array, packedBytes: number, at: Place): number {
  const limit = packedBytes * largestRatio;
  const tag = parseTag(head.subarray(0, tagBytes), 0, limit, at);
  if (tag.type !== elementTypes.matrix) throw malformed(at, 0, `a packed element of type ${tag.type}, not 14`);
  return tag.start + tag.bytes;
}
