import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

check(conformance('combiner', { plugin, stage: { use: 'my-plugin', halfLife: 2 }, refuses: [{ halfLife: 0 }] }), {
  describe,
  it,
});

it('halves the auxiliary weight after every half-life', () => {
  const combiner = new MyPlugin({ halfLife: 2 });
  const weights = [0, 1, 2, 3].map(() => {
    const { auxiliary } = combiner.weights;
    combiner.learn();
    return auxiliary;
  });
  assert.deepEqual([weights[0], weights[2]], [1, 0.5]);
});
