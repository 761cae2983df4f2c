import { createGunzip } from 'node:zlib';
import { DataError } from '../../core/errors/index.js';
import { type IdxArray, parseIdx, parseIdxHeader } from './idx-format.js';
import { readWhole } from './open-file.js';
import { unpackedLimit } from './unpacked-limit.js';

/**
 * Reads an IDX file, gzipped or not as its first bytes say.
 * @throws DataError for a file that is missing, damaged, too large or no IDX file, with the byte at fault.
 */
export async function readIdx(path: string): Promise<IdxArray> {
  const bytes = await readWhole(path);
  const gzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return gzipped ? parseIdx(await unpack(bytes, path), `${path} (unpacked)`) : parseIdx(bytes, path);
}

/** Unpacks no more than the header promises, and a little of what follows if there is more. */
async function unpack(packed: Uint8Array, path: string): Promise<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: 2 ** 18 });
  gunzip.end(packed);
  const chunks: Uint8Array[] = [];
  let length = 0;
  let promised: number | undefined;
  try {
    for await (const chunk of gunzip as AsyncIterable<Uint8Array>) {
      promised ??= promise(chunk, packed.length, path);
      chunks.push(chunk);
      length += chunk.length;
      if (length > promised) break;
    }
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    const { message } = cause as Error;
    throw new DataError(
      'data/corrupt-gzip',
      `${path}, near byte ${gunzip.bytesWritten}: ${message} in the gzip stream`,
      {
        hint: 'The download or copy may have stopped half-way; fetch the file again.',
        cause,
      },
    );
  }
  return Buffer.concat(chunks);
}

/** The bytes that the header promises, where so much may be asked for. */
function promise(head: Uint8Array, packedBytes: number, path: string): number {
  const { totalBytes } = parseIdxHeader(head, `${path} (unpacked)`);
  const limit = unpackedLimit(packedBytes);
  if (totalBytes <= limit) return totalBytes;
  throw new DataError(
    'data/too-large',
    `${path}: its header promises ${totalBytes} bytes, but ${packedBytes} packed ones may unpack to ${limit}`,
    { hint: 'If the file is what it should be, unpack it yourself (`gunzip`) and name the unpacked one.' },
  );
}
