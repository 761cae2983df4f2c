import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

check(conformance('metaStep', { plugin, stage: { use: 'my-plugin', passes: 2 }, refuses: [{ passes: 0 }] }), {
  describe,
  it,
});

it('makes as many passes as it is asked for', () => {
  const passes = new MyPlugin({ passes: 3 }).passes({ train: () => [], cosineEvery: 0 });
  assert.deepEqual(
    passes.map(({ name }) => name),
    ['train-1', 'train-2', 'train-3'],
  );
});
