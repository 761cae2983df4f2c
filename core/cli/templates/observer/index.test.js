import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

const folder = mkdtempSync(join(tmpdir(), 'my-plugin-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'epochs.txt');

check(conformance('observer', { plugin, stage: { use: 'my-plugin', file }, refuses: [{ file: 3 }] }), { describe, it });

it('writes a line for each epoch', async () => {
  const observer = new MyPlugin({ file });
  observer.see(/** @type {any} */ ({ type: 'epoch:start', epoch: 1, epochs: 2 }));
  observer.see(/** @type {any} */ ({ type: 'epoch:end', epoch: 1, epochs: 2, metrics: { primaryLoss: 0.5 } }));
  await observer.flush();
  assert.equal(readFileSync(file, 'utf8'), 'epoch 1 of 2: primary loss 0.5000\n');
});
