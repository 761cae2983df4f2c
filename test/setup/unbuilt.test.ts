import { rmSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { Clone } from './clone.js';

test('where nothing is built, the command says what to do: in a clone, and in a package made too early', () => {
  using clone = new Clone();
  const doctor = () => {
    const command = [join(clone.root, 'bin/auxflow.js'), 'doctor'];
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
    return { status, stderr };
  };
  expect(doctor()).toEqual({ status: 1, stderr: expect.stringContaining('run `npm run setup`') });
  rmSync(join(clone.root, 'package-lock.json'));
  expect(doctor()).toEqual({ status: 1, stderr: expect.stringContaining('in its clone run `npm run pack`') });
});
