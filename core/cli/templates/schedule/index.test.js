import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { check, conformance } from 'auxflow/testing';
import plugin, { MyPlugin } from './index.js';

const stage = { use: 'my-plugin', initial: 0.1 };
check(conformance('schedule', { plugin, stage, refuses: [{ initial: -1 }, { final: -1 }, { power: 0 }] }), {
  describe,
  it,
});

it('falls from its initial to its final value', () => {
  const schedule = new MyPlugin({ initial: 9, final: 1, power: 2 });
  const values = [0, 2, 4].map((epoch) => schedule.at({ epoch, epochs: 4 }));
  assert.deepEqual(values, [9, 3, 1]);
});
