import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

test('a set-up that finds everything done does nothing and says nothing', () => {
  const { status, stderr } = spawnSync(process.execPath, ['bin/setup.mjs', '--quiet', '--engine-only'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
