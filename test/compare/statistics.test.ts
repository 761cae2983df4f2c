import { describe, expect, it } from '@jest/globals';
import { estimate, isClear, pairedDifference, tQuantile } from '../../core/compare/statistics.js';

describe('tQuantile', () => {
  it.each([
    [1, 12.7062],
    [2, 4.3027],
    [3, 3.1824],
    [4, 2.7764],
    [5, 2.5706],
    [9, 2.2622],
    [10, 2.2281],
    [29, 2.0452],
    [30, 2.0423],
    [120, 1.9799],
  ])('of %i degrees of freedom is the tabulated %f', (freedom, tabulated) => {
    expect(tQuantile(freedom)).toBeCloseTo(tabulated, 3);
  });

  it('knows other probabilities', () => {
    expect(tQuantile(4, 0.99)).toBeCloseTo(4.6041, 4);
    expect(tQuantile(7, 0.9)).toBeCloseTo(1.8946, 4);
    expect(tQuantile(1, 0.5)).toBeCloseTo(1, 12);
  });
});

describe('estimate', () => {
  it('gives mean, sample deviation and the half width of the interval', () => {
    const { n, mean, deviation, interval } = estimate([97.34, 96.48, 97.09, 97.57, 96.36]);
    expect(n).toBe(5);
    expect(mean).toBeCloseTo(96.968, 10);
    expect(deviation).toBeCloseTo(0.53, 2);
    expect(interval).toBeCloseTo((2.7764 * deviation!) / Math.sqrt(5), 3);
  });

  it('says nothing of a spread that one value does not have, and of none has no mean', () => {
    expect(estimate([3])).toEqual({ n: 1, mean: 3 });
    expect(estimate([])).toEqual({ n: 0, mean: NaN });
  });
});

describe('pairedDifference', () => {
  it('pairs by seed, over the seeds that both have', () => {
    const ours = new Map([
      [1, 5],
      [2, 7],
      [4, 100],
    ]);
    const theirs = new Map([
      [2, 4],
      [1, 3],
      [3, 0],
    ]);
    const { n, mean, deviation, interval } = pairedDifference(ours, theirs);
    expect({ n, mean }).toEqual({ n: 2, mean: 2.5 });
    expect(deviation).toBeCloseTo(Math.SQRT1_2, 12);
    expect(interval).toBeCloseTo(12.7062 / 2, 3);
  });

  it('is the published one of MAXL against single-task on MNIST parity', () => {
    const bySeed = (values: number[]) => new Map(values.map((value, i) => [i + 1, value]));
    const { mean, interval } = pairedDifference(
      bySeed([97.42, 97.31, 97.15, 97.85, 97.78]),
      bySeed([97.34, 96.48, 97.09, 97.57, 96.36]),
    );
    expect(mean).toBeCloseTo(0.534, 3);
    expect(interval).toBeCloseTo(0.73, 2);
  });
});

describe('isClear', () => {
  it('wants an interval that leaves zero out', () => {
    expect(isClear({ n: 5, mean: -0.5, deviation: 0.3, interval: 0.4 })).toBe(true);
    expect(isClear({ n: 5, mean: 0.5, deviation: 0.4, interval: 0.5 })).toBe(false);
  });

  it('is never so of a single seed, or of values that are all the same', () => {
    expect(isClear(estimate([5]))).toBe(false);
    expect(isClear(estimate([]))).toBe(false);
    expect(isClear(estimate([1, 1, 1]))).toBe(false);
  });
});
