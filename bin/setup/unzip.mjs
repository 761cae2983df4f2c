import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflateRaw } from 'node:zlib';
import { interruption } from './command.mjs';

/**
 * Unpacks the entries of a zip file that `target` names a path for. (Layout: APPNOTE.TXT, sections 4.3 to 4.5.)
 *
 * @param {string} path
 * @param {(name: string) => string | undefined} target
 */
export async function unzip(path, target) {
  const file = await open(path);
  try {
    for (const entry of await readEntries(file)) {
      const to = entry.name.endsWith('/') ? undefined : target(entry.name);
      if (to === undefined) continue;
      const header = await read(file, entry.offset, 30);
      const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
      await mkdir(dirname(to), { recursive: true });
      const bytes = createReadStream(path, { start, end: start + entry.size - 1 });
      const { signal } = interruption;
      if (entry.deflated) await pipeline(bytes, createInflateRaw(), createWriteStream(to), { signal });
      else await pipeline(bytes, createWriteStream(to), { signal });
    }
  } finally {
    await file.close();
  }
}

/** @param {import('node:fs/promises').FileHandle} file */
async function readEntries(file) {
  const { size } = await file.stat();
  const tailStart = Math.max(0, size - 22 - 65_535);
  const tail = await read(file, tailStart, size - tailStart);
  const end = tail.lastIndexOf('PK\x05\x06', undefined, 'latin1');
  if (end < 0) throw new Error('not a zip file');
  let start = tail.readUInt32LE(end + 16);
  let length = tail.readUInt32LE(end + 12);
  if (tail.toString('latin1', end - 20, end - 16) === 'PK\x06\x07') {
    const end64 = await read(file, Number(tail.readBigUInt64LE(end - 12)), 56);
    start = Number(end64.readBigUInt64LE(48));
    length = Number(end64.readBigUInt64LE(40));
  }
  const directory = await read(file, start, length);
  const entries = [];
  for (let at = 0; at < length;) {
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28);
    const next = nameEnd + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    const deflated = directory.readUInt16LE(at + 10) === 8;
    let packed = directory.readUInt32LE(at + 20);
    let offset = directory.readUInt32LE(at + 42);
    // Sizes over 4 GB stand in the extra field instead, in this order.
    let wide = nameEnd + 4;
    const takeWide = () => Number(directory.readBigUInt64LE((wide += 8) - 8));
    if (directory.readUInt32LE(at + 24) === 0xffffffff) takeWide();
    if (packed === 0xffffffff) packed = takeWide();
    if (offset === 0xffffffff) offset = takeWide();
    entries.push({ name: directory.toString('utf8', at + 46, nameEnd), deflated, size: packed, offset });
    at = next;
  }
  return entries;
}

/**
 * @param {import('node:fs/promises').FileHandle} file
 * @param {number} position
 * @param {number} length
 */
async function read(file, position, length) {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('the zip file is cut short');
  return buffer;
}
