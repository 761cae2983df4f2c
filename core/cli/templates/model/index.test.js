import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

check(conformance('model', { plugin, stage: { use: 'my-plugin', units: 5 }, refuses: [{ units: 0 }] }), {
  describe,
  it,
});

it('has as many features as hidden units', () => {
  assert.deepEqual(new MyPlugin({ units: 7 }).trunk().outputShape([28, 28, 1]), [7]);
});
