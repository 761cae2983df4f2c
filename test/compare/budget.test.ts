import { describe, expect, it } from '@jest/globals';
import { fairEpochs } from '../../core/compare/budget.js';

describe('fairEpochs', () => {
  it('lets all spend what the costliest does in its own epochs', () => {
    const paces = [
      { epochs: 10, perEpoch: 20 },
      { epochs: 10, perEpoch: 40 },
      { epochs: 10, perEpoch: 15 },
    ];
    expect(fairEpochs(paces)).toEqual({ total: 400, epochs: [20, 10, 27] });
  });

  it('counts what comes before the first epoch', () => {
    const paces = [
      { epochs: 2, perEpoch: 100, before: 300 },
      { epochs: 4, perEpoch: 100 },
    ];
    expect(fairEpochs(paces)).toEqual({ total: 500, epochs: [2, 5] });
  });

  it('gives at least one epoch', () => {
    const paces = [
      { epochs: 1, perEpoch: 10 },
      { epochs: 1, perEpoch: 1, before: 9.9 },
    ];
    expect(fairEpochs(paces).epochs).toEqual([1, 1]);
  });
});
