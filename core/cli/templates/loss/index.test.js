import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tf } from 'auxflow';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

check(conformance('loss', { plugin, stage: { use: 'my-plugin' } }), { describe, it });

it('is 1/2 for two classes alike, and 2 for a sure mistake', () => {
  const valueAt = (/** @type {number[]} */ logits) =>
    new MyPlugin().at(tf.tensor2d([logits]), tf.tensor1d([0], 'int32')).value;
  assert.equal(valueAt([3, 3]), 0.5);
  assert.equal(valueAt([-100, 100]), 2);
});
