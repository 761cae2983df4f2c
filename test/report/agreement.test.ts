import { describe, expect, it } from '@jest/globals';
import { agreement, agreementWithin } from '../../core/report/agreement.js';

const x = Array.from({ length: 40 }, (_, i) => (i * 7 + i * i) % 5);
const y = Array.from({ length: 40 }, (_, i) => (i * 3 + Math.floor(i / 7)) % 4);
const shifted = x.map((value, i) => (i % 3 === 0 ? (value + 1) % 5 : value));

describe('agreement', () => {
  // Expected values: scikit-learn 1.9.1, normalized_mutual_info_score and adjusted_rand_score.
  it.each([
    ['the same', [0, 0, 1, 1], [0, 0, 1, 1], 1, 1],
    ['the same under other names', [0, 0, 1, 1], [1, 1, 0, 0], 1, 1],
    ['a class split', [0, 0, 1, 2], [0, 0, 1, 1], 0.8, 0.5714285714285714],
    ['independent', [0, 0, 1, 1], [0, 1, 0, 1], 0, -0.5],
    ['all in one', [0, 0, 0, 0], [0, 1, 2, 3], 0, 0],
    ['one class each', [0, 0, 0], [5, 5, 5], 1, 1],
    ['hardly related', x, y, 0.11099399590901127, 0.021087418364938233],
    ['related', x, shifted, 0.5868341547642718, 0.43661861852482314],
  ])('of %s', (_, a, b, nmi, ari) => {
    for (const measured of [agreement(a, b), agreement(b, a)]) {
      expect(measured.nmi).toBeCloseTo(nmi, 12);
      expect(measured.ari).toBeCloseTo(ari, 12);
    }
  });

  it('inside groups leaves out what the groups give away', () => {
    const groups = [0, 0, 0, 0, 1, 1, 1, 1];
    const reference = [0, 0, 1, 1, 2, 2, 3, 3];
    const byGroupAlone = [0, 1, 0, 1, 2, 3, 2, 3];
    expect(agreement(byGroupAlone, reference).nmi).toBeGreaterThan(0.4);
    expect(agreementWithin(groups, byGroupAlone, reference)!.nmi).toBeCloseTo(0, 12);
    expect(agreementWithin(groups, reference, reference)).toEqual({ nmi: 1, ari: 1 });
  });

  it('inside groups weighs them by size and leaves out those with nothing to agree with', () => {
    const groups = [0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2];
    const reference = [0, 0, 0, 1, 1, 1, 2, 3, 4, 4, 4];
    const labels = [0, 0, 0, 1, 1, 1, 2, 2, 4, 5, 6];
    expect(agreementWithin(groups, labels, reference)).toEqual({ nmi: 6 / 8, ari: 6 / 8 });
    expect(agreementWithin([0, 0], [0, 1], [3, 3])).toBeUndefined();
  });
});
