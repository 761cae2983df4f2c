import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { createRunFolder, makeFolder } from '../../core/checkpoint/index.js';

const folder = mkdtempSync(join(tmpdir(), 'auxflow-make-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('makes what is missing, and leaves what is there', () => {
  const deep = join(folder, 'a/b/c');
  makeFolder(deep);
  writeFileSync(join(deep, 'file'), '');
  makeFolder(deep);
  expect(readdirSync(deep)).toEqual(['file']);
});

it('throws below a file', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(() => makeFolder(join(folder, 'file/sub'))).toThrow('ENOTDIR');
});

// There Node's own recursive mkdir never returns, and no signal reaches the process.
(existsSync('/proc/self') ? it : it.skip)('throws where nobody can make folders', async () => {
  expect(() => makeFolder('/proc/runs/name')).toThrow('ENOENT');
  await expect(createRunFolder('/proc', 'name')).rejects.toThrow("can't make a run folder in /proc/name");
});
