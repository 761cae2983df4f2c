import assert from 'node:assert/strict';
import type { Bench } from '../bench.js';
import type { Check } from '../suite.js';

/** What the contract of a schedule asks beyond its configuration and whole runs. */
export const scheduleChecks = (bench: Bench): Check[] => [
  {
    name: 'has one finite value, 0 or more, at every position',
    run: () =>
      bench.with(({ optimizer: { learningRate } }) => {
        const positions = [1, 7].flatMap((epochs) =>
          Array.from({ length: Math.ceil(epochs / 0.3) }, (_, n) => ({ epoch: 0.3 * n, epochs })),
        );
        const values = positions.map((position) => learningRate.at(position));
        // A run that is resumed begins anywhere, so what was asked before must not matter.
        for (const [n, { epoch, epochs }] of [...positions.entries()].reverse()) {
          const value = values[n]!;
          assert.ok(Number.isFinite(value) && value >= 0, `${value} at epoch ${epoch} of ${epochs}`);
          assert.equal(learningRate.at({ epoch, epochs }), value, `epoch ${epoch} of ${epochs}, asked again`);
        }
      }),
  },
];
