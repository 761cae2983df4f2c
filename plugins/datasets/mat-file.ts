import type { FileHandle } from 'node:fs/promises';
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
import { withFile } from './open-file.js';
import { unpackedLimit } from './unpacked-limit.js';

/**
 * Reads the numeric variables of a MATLAB 5 file (what MATLAB's `save` writes up to version 7), packed or not.
 * @returns variables by name; others (text, cells, structures) are left out.
 * @throws DataError for a file that is missing, damaged, too large or of another format, with the byte at fault.
 */
export const readMat = (path: string): Promise<ReadonlyMap<string, MatArray>> =>
  withFile(path, async (file, size) => {
    const at: Place = (offset) => `${path}, byte ${offset}`;
    checkMatHeader(await bytesAt(file, 0, headerBytes), at);
    const arrays = new Map<string, MatArray>();
    const room = { limit: unpackedLimit(size), taken: 0 };
    for (let offset = headerBytes; offset < size;) {
      const tag = parseTag(await bytesAt(file, offset, tagBytes), offset, size, at);
      const array = await readVariable(file, path, offset, tag, room);
      if (array) arrays.set(array.name, array);
      offset = tag.next;
    }
    return arrays;
  });

/** Bytes that all packed variables of a file may take, and have taken. */
interface Room {
  readonly limit: number;
  taken: number;
}

async function readVariable(
  file: FileHandle,
  path: string,
  offset: number,
  tag: Tag,
  room: Room,
): Promise<MatArray | undefined> {
  if (tag.type === elementTypes.matrix)
    return parseMatrix(await bytesAt(file, tag.start, tag.bytes), (inside) => `${path}, byte ${tag.start + inside}`);
  if (tag.type === elementTypes.compressed) {
    const at: Place = (inside) => `${path}, byte ${inside} of what unpacks from byte ${tag.start}`;
    const unpacked = await unpack(file, path, tag, room, at);
    return parseMatrix(unpacked.subarray(tagBytes), (inside) => at(tagBytes + inside));
  }
  throw malformed(
    (where) => `${path}, byte ${where}`,
    offset,
    `an element of type ${tag.type}; variables have type 14, or 15 where they are packed`,
  );
}

/** Unpacks one matrix element, straight into the room that its tag asks for. */
async function unpack(
  file: FileHandle,
  path: string,
  { start, bytes }: Tag,
  allowed: Room,
  at: Place,
): Promise<Uint8Array> {
  if (bytes === 0) throw malformed((where) => `${path}, byte ${where}`, start, 'a packed variable of 0 bytes');
  const inflate = createInflate({ chunkSize: 2 ** 18 });
  let room: Uint8Array | undefined;
  let filled = 0;
  const keep = (chunk: Uint8Array): void => {
    room ??= new Uint8Array(promised(chunk, allowed, at));
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

/** Bytes of a whole matrix element with its tag, which stands in `head`, where so many may be asked for. */
function promised(head: Uint8Array, room: Room, at: Place): number {
  const tag = parseTag(head.subarray(0, tagBytes), 0, Infinity, at);
  if (tag.type !== elementTypes.matrix) throw malformed(at, 0, `a packed element of type ${tag.type}, not 14`);
  const length = tag.start + tag.bytes;
  room.taken += length;
  if (room.taken <= room.limit) return length;
  throw new DataError(
    'data/too-large',
    `${at(0)}: its tag promises ${length} bytes; all that is packed in this file may unpack to ${room.limit}`,
    { hint: "If the file is what it should be, save it again unpacked: MATLAB's save(..., '-v6')." },
  );
}
