import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { assignment } from '../../plugins/deep-cluster/assignment.js';
import { keepIdentity } from '../../plugins/deep-cluster/keep-identity.js';

const total = (gains: readonly (readonly number[])[], columns: readonly number[]): number =>
  columns.reduce((sum, column, row) => sum + gains[row]![column]!, 0);

const permutations = (items: readonly number[]): number[][] =>
  items.length === 0
    ? [[]]
    : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));

const square = fc.integer({ min: 1, max: 6 }).chain((size) =>
  fc.array(fc.array(fc.integer({ min: -5, max: 30 }), { minLength: size, maxLength: size }), {
    minLength: size,
    maxLength: size,
  }),
);

describe('an assignment', () => {
  it('is the best of all permutations', () => {
    fc.assert(
      fc.property(square, (gains) => {
        const columns = assignment(gains);
        const size = gains.length;
        expect([...columns].sort((a, b) => a - b)).toEqual(gains.map((_, i) => i));
        const best = Math.max(...permutations(gains.map((_, i) => i)).map((other) => total(gains, other)));
        expect(total(gains, columns)).toBe(best);
        expect(columns).toHaveLength(size);
      }),
    );
  });

  it('gives up a row of its own gain for the whole', () => {
    expect(
      assignment([
        [10, 9],
        [9, 0],
      ]),
    ).toEqual([1, 0]);
  });
});

describe('keeping identity', () => {
  it('undoes any renumbering, and changes nothing else', () => {
    const clusters = 5;
    const labels = fc.array(fc.integer({ min: 0, max: clusters - 1 }), { minLength: 12, maxLength: 40 });
    fc.assert(
      fc.property(labels, fc.shuffledSubarray([0, 1, 2, 3, 4], { minLength: 5 }), (before, order) => {
        // Every cluster has a sample, as k-means leaves them.
        const whole = Int32Array.from([0, 1, 2, 3, 4, ...before]);
        const renumbered = whole.map((label) => order[label]!);
        expect(keepIdentity(whole, renumbered, clusters)).toEqual(whole);
      }),
    );
  });

  it('keeps most samples where clusters have changed', () => {
    const before = Int32Array.of(0, 0, 0, 1, 1, 1, 2, 2);
    const now = Int32Array.of(2, 2, 0, 0, 0, 0, 1, 1);
    expect([...keepIdentity(before, now, 3)]).toEqual([0, 0, 1, 1, 1, 1, 2, 2]);
  });
});
