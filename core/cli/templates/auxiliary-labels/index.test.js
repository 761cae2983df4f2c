import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tf } from 'auxflow';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

check(
  conformance('auxiliary', { plugin, stage: { use: 'my-plugin', psi: 3 }, refuses: [{ psi: 0 }, { brightest: 0 }] }),
  {
    describe,
    it,
  },
);

it('gives darker and brighter samples other classes of their block', () => {
  const levels = { kind: { name: 'kind', classes: ['cat', 'dog'] } };
  const dataset = /** @type {any} */ ({ name: 'pets', primary: 'kind', levels, train: { size: 10 } });
  const labels = new MyPlugin({ psi: 2, brightest: 1 }, dataset);
  const inputs = tf.tensor2d([[0.1], [0.9], [0.1], [7]]);
  const batch = /** @type {any} */ ({ inputs, primaryClasses: Int32Array.of(0, 0, 1, 1), size: 4 });
  const { targets } = labels.for(batch);
  assert.deepEqual([...tf.argMax(targets, 1).dataSync()], [0, 1, 2, 3]);
});
