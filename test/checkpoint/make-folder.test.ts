import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { createRunFolder, makeFolder } from '../../core/checkpoint/index.js';

const folder = mkdtempSync(join(tmpdir(), 'auxflow-make-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('makes what is missing, and leaves what is there', async () => {
  const deep = join(folder, 'a/b/c');
  await Promise.all([makeFolder(deep), makeFolder(deep)]);
  expect(existsSync(deep)).toBe(true);
  await makeFolder(deep);
});

it('throws below a file', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file/sub'))).rejects.toThrow('ENOTDIR');
});

// There Node's own recursive mkdir never returns, and no signal reaches the process.
(existsSync('/proc/self') ? it : it.skip)('throws where nobody can make folders', async () => {
  await expect(makeFolder('/proc/runs/name')).rejects.toThrow('ENOENT');
  await expect(createRunFolder('/proc', 'name')).rejects.toThrow("can't make a run folder in /proc/name");
});
