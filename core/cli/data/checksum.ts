import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import type { DataFile } from '../../plugins/index.js';

/** The strongest checksum that is known of a file. */
export function checksumOf({
  sha256,
  md5,
}: DataFile): { readonly name: string; readonly expected: string } | undefined {
  if (sha256 !== undefined) return { name: 'sha256', expected: sha256.toLowerCase() };
  return md5 === undefined ? undefined : { name: 'md5', expected: md5.toLowerCase() };
}

/** In what way the file at `path` isn't the published one; `undefined` where it is, as far as is known. */
export async function difference(path: string, file: DataFile, signal: AbortSignal): Promise<string | undefined> {
  const { size } = await stat(path);
  if (file.bytes !== undefined && size !== file.bytes) return `it has ${size} bytes, expected ${file.bytes}`;
  const checksum = checksumOf(file);
  if (!checksum) return undefined;
  const hash = createHash(checksum.name);
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { signal });
  const found = hash.digest('hex');
  return found === checksum.expected ? undefined : `its ${checksum.name} is ${found}, expected ${checksum.expected}`;
}
