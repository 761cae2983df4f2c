import assert from 'node:assert/strict';
import type { Bench } from '../bench.js';
import type { Check } from '../suite.js';

/** What the contract of a schedule asks beyond its configuration and whole runs. */
export const scheduleChecks = (bench: Bench): Check[] => [
  {
    name: 'has one finite value, 0 or more, at every position',
    run: () =>
      bench.with(({ optimizer: { learningRate } }) => {
        for (const epochs of [1, 7]) {
          for (let epoch = 0; epoch < epochs; epoch += 0.3) {
            const value = learningRate.at({ epoch, epochs });
            assert.ok(Number.isFinite(value) && value >= 0, `${value} at epoch ${epoch} of ${epochs}`);
            assert.equal(learningRate.at({ epoch, epochs }), value, `epoch ${epoch} of ${epochs}, asked again`);
          }
        }
      }),
  },
];
