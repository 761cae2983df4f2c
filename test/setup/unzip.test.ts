import { expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { unzip } from '../../bin/setup/unzip.mjs';

/** A zip file with one stored and one deflated entry; `wide` moves all sizes to the fields for large files (zip64). */
function zip(files: { name: string; data: string; deflated: boolean }[], wide: boolean): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, deflated } of files) {
    const body = deflated ? deflateRawSync(data) : Buffer.from(data);
    const local = Buffer.alloc(30 + name.length);
    local.write('PK\x03\x04', 0, 'latin1');
    local.writeUInt16LE(name.length, 26);
    local.write(name, 30);
    const central = Buffer.alloc(46 + name.length + (wide ? 28 : 0));
    central.write('PK\x01\x02', 0, 'latin1');
    central.writeUInt16LE(deflated ? 8 : 0, 10);
    central.writeUInt32LE(wide ? 0xffffffff : body.length, 20);
    central.writeUInt32LE(wide ? 0xffffffff : data.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt16LE(wide ? 28 : 0, 30);
    central.writeUInt32LE(wide ? 0xffffffff : offset, 42);
    central.write(name, 46);
    if (wide) {
      const extra = 46 + name.length;
      central.writeUInt16LE(1, extra);
      central.writeUInt16LE(24, extra + 2);
      [data.length, body.length, offset].forEach((n, i) => central.writeBigUInt64LE(BigInt(n), extra + 4 + 8 * i));
    }
    parts.push(local, body);
    directory.push(central);
    offset += local.length + body.length;
  }
  const length = Buffer.concat(directory).length;
  const end64 = Buffer.alloc(wide ? 76 : 0);
  if (wide) {
    end64.write('PK\x06\x06', 0, 'latin1');
    end64.writeBigUInt64LE(BigInt(length), 40);
    end64.writeBigUInt64LE(BigInt(offset), 48);
    end64.write('PK\x06\x07', 56, 'latin1');
    end64.writeBigUInt64LE(BigInt(offset + length), 64);
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt32LE(wide ? 0xffffffff : length, 12);
  end.writeUInt32LE(wide ? 0xffffffff : offset, 16);
  return Buffer.concat([...parts, ...directory, end64, end]);
}

const files = [
  { name: 'a/stored.txt', data: 'as it is', deflated: false },
  { name: 'b/deflated.txt', data: 'again and '.repeat(100), deflated: true },
  { name: 'c/unwanted.txt', data: 'nobody asked', deflated: true },
];

test.each([
  ['a zip file', false],
  ['a large zip file (zip64)', true],
])('unpacks what is wanted from %s', async (_, wide) => {
  const folder = mkdtempSync(join(tmpdir(), 'auxflow-unzip-'));
  writeFileSync(join(folder, 'x.zip'), zip(files, wide));
  await unzip(join(folder, 'x.zip'), (name) => (name.startsWith('c') ? undefined : join(folder, name)));
  for (const { name, data } of files.slice(0, 2)) expect(readFileSync(join(folder, name), 'utf8')).toBe(data);
  expect(existsSync(join(folder, 'c'))).toBe(false);
  rmSync(folder, { recursive: true });
});

test('refuses what is no zip file', async () => {
  await expect(unzip(import.meta.filename, () => undefined)).rejects.toThrow('not a zip file');
});
