import { readFile } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { DataError } from '../../core/errors/index.js';
import { unreadable } from './unreadable.js';
import { type IdxArray, parseIdx, parseIdxHeader } from './idx-format.js';

/**
 * Reads an IDX file, gzipped or not as its first bytes say.
 * @throws DataError for a file that is missing, damaged or no IDX file, with the byte at fault.
 */
export async function readIdx(path: string): Promise<IdxArray> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
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
      promised ??= parseIdxHeader(chunk, `${path} (unpacked)`).totalBytes;
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
