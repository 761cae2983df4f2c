import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { datasetOptions, z } from 'auxflow';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

const stage = { use: 'my-plugin', train: 24, validation: 6, heldOut: 6, test: 12, batch: 6 };
check(conformance('dataset', { plugin, stage, refuses: [{ noise: -1 }, { primary: 'colour' }, { train: 5000 }] }), {
  describe,
  it,
});

it('puts every point on the ring that its label says', async () => {
  const options = z.strictObject(datasetOptions).parse({});
  const { train } = await new MyPlugin({ ...options, noise: 0 }, /** @type {any} */ ({ seed: 1 })).load();
  const points = train.inputs(Int32Array.from({ length: 1000 }, (_, n) => n));
  const rings = [.../** @type {Int32Array} */ (train.labels['ring'])];
  const radii = points.square().sum(1).sqrt().round().dataSync();
  assert.deepEqual(
    [...radii],
    rings.map((ring) => ring + 1),
  );
});
