import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tf } from 'auxflow';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

const stage = { use: 'my-plugin', learningRate: 0.05, decay: 0.1 };
check(conformance('optimizer', { plugin, stage, refuses: [{ decay: -1 }, { learningRate: 'fast' }] }), {
  describe,
  it,
});

it('shrinks the weights by rate times decay where there is no gradient', () => {
  const optimizer = new MyPlugin({ learningRate: { at: () => 0.5 }, decay: 0.5 });
  const { params } = optimizer.update({ w: tf.tensor1d([8, -4]) }, {}, optimizer.init(), 0.5);
  assert.deepEqual(params['w']?.arraySync(), [6, -3]);
});
