import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DataError } from '../errors/index.js';
import { readBytes } from './read-bytes.js';
import { decodeSafetensors, encodeSafetensors } from './safetensors.js';
import type { Snapshot } from './snapshot.js';
import { writeAtomically } from './write-atomically.js';

const format = 1;
const unsealed = '0'.repeat(64);

const Metadata = z.object({ auxflow: z.literal(`checkpoint ${format}`), values: z.string(), sha256: z.string() });

/** A checkpoint read back; its tensors belong to whoever read it. */
export type Checkpoint = Snapshot & Disposable;

/**
 * Writes a snapshot as one safetensors file, whole or not at all. Its metadata holds the values as JSON and a SHA-256 of
 * the whole file, taken with zeros in its own place.
 * @returns bytes written
 */
export async function writeCheckpoint(file: string, { tensors, values }: Snapshot): Promise<number> {
  const metadata = { auxflow: `checkpoint ${format}`, values: JSON.stringify(values), sha256: unsealed };
  const [header, ...data] = encodeSafetensors(tensors, metadata);
  header.write(digest([header, ...data]), sealAt(header));
  return writeAtomically(file, [header, ...data]);
}

/**
 * Reads a checkpoint and verifies every byte of it.
 * @throws DataError for a file that is missing, damaged, or no checkpoint of this version
 */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  const bytes = await readBytes(file);
  const damaged = (fault: string, cause?: unknown): DataError =>
    new DataError('checkpoint/damaged', `${file}: ${fault}`, { cause, hint: 'Use an earlier checkpoint.' });
  const at = sealAt(bytes);
  if (at < 0) throw damaged('no checkpoint: it has no checksum');
  const seal = bytes.toString('latin1', at, at + unsealed.length);
  bytes.write(unsealed, at);
  if (digest([bytes]) !== seal) throw damaged('damaged: its checksum is not that of its bytes');
  const { tensors, metadata } = decodeSafetensors(file, bytes);
  const release = (): void => Object.values(tensors).forEach((tensor) => tensor.dispose());
  try {
    const { values } = Metadata.parse(metadata);
    return { tensors, values: JSON.parse(values) as unknown, [Symbol.dispose]: release };
  } catch (cause) {
    release();
    throw damaged(`no checkpoint that this version of auxflow reads`, cause);
  }
}

/** Where in the header the checksum stands: its last entry of metadata, after values that can hold no bare quote. */
function sealAt(bytes: Buffer): number {
  const key = '"sha256":"';
  const found = bytes.indexOf(key);
  return found < 0 ? -1 : found + key.length;
}

function digest(chunks: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
