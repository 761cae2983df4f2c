import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { writeAtomically } from '../../core/checkpoint/index.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'auxflow-write-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('writeAtomically', () => {
  it('writes chunks in order, over an earlier file', async () => {
    const file = join(folder, 'a');
    await writeAtomically(file, ['a long first version']);
    await writeAtomically(file, ['one ', Buffer.from('two')]);
    expect(readFileSync(file, 'utf8')).toBe('one two');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('keeps the earlier file, and nothing else, when a chunk fails', async () => {
    const file = join(folder, 'a');
    await writeAtomically(file, ['whole']);
    const broken = function* () {
      yield 'half';
      throw new Error('no more');
    };
    await expect(writeAtomically(file, broken())).rejects.toThrow('no more');
    expect(readFileSync(file, 'utf8')).toBe('whole');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('leaves nothing behind when the name is taken by a folder', async () => {
    mkdirSync(join(folder, 'a', 'b'), { recursive: true });
    await expect(writeAtomically(join(folder, 'a'), ['x'])).rejects.toThrow();
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('never shows a reader half a file', async () => {
    const file = join(folder, 'a');
    await writeAtomically(file, ['0'.repeat(1000)]);
    const writes = Array.from({ length: 20 }, (_, i) =>
      writeAtomically(file, [String(i % 10).repeat(500), String(i % 10).repeat(500)]),
    );
    const settled = Promise.all(writes).then(() => true);
    while (!(await Promise.race([settled, new Promise<false>((resolve) => setImmediate(() => resolve(false)))]))) {
      expect(readFileSync(file, 'utf8')).toMatch(/^(\d)\1{999}$/);
    }
  });
});
