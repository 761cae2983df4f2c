import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { entropy, entropyPerPrimary, sampleEntropy } from '../../plugins/maxl/entropy.js';
import type { LabelTerm } from '../../plugins/maxl/entropy.js';
import { labelRegulariser } from '../../plugins/maxl/regulariser.js';

const value = (term: LabelTerm, rows: number[][]): number =>
  tf.tidy(() => term.apply(tf.tensor2d(rows)).dataSync()[0]!);
const slope = (term: LabelTerm, rows: number[][]): number[] =>
  tf.tidy(() => [...term.cotangent(tf.tensor2d(rows)).dataSync()]);

/** Labels inside the blocks of a random hierarchy, every class of a block with some share. */
const labelled = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 3 }).chain((psi) => {
  const sample = fc.record({
    primary: fc.nat(psi.length - 1),
    weights: fc.array(fc.double({ min: 0.1, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }),
  });
  return fc.array(sample, { minLength: 1, maxLength: 6 }).map((samples) => ({
    psi,
    primaries: samples.map(({ primary }) => primary),
    rows: samples.map(({ primary, weights }) => {
      const total = weights.slice(0, psi[primary]).reduce((sum, weight) => sum + weight, 0);
      return psi.flatMap((size, i) => weights.slice(0, size).map((weight) => (i === primary ? weight / total : 0)));
    }),
  }));
});
const mean = (rows: readonly number[][]): number[] =>
  rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length);
const sumOfLogs = (shares: readonly number[]): number =>
  shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);

describe('the entropy terms', () => {
  it('over the batch: -log K for even use, 0 for collapse', () => {
    expect(value(entropy, Array<number[]>(3).fill([0.25, 0.25, 0.25, 0.25]))).toBeCloseTo(-Math.log(4), 6);
    expect(value(entropy, [[1, 0]])).toBeCloseTo(0, 6);
  });

  it('have gradient 0, not NaN, for a class that no sample uses', () => {
    for (const term of [entropy, entropyPerPrimary([2, 1]), sampleEntropy]) {
      const rows = [[0.4, 0.6, 0]];
      expect(slope(term, rows)[2]! + 0).toBe(0);
      const onTape = tf.tidy(() =>
        tf
          .grad((y) => term.apply(y as tf.Tensor2D))(tf.tensor2d(rows))
          .dataSync(),
      );
      expect(onTape[2]! + 0).toBe(0);
    }
  });

  it('are what their formulas say, whichever primary classes are there', () => {
    fc.assert(
      fc.property(labelled, ({ psi, primaries, rows }) => {
        expect(value(entropy, rows)).toBeCloseTo(sumOfLogs(mean(rows)), 5);
        const present = [...new Set(primaries)];
        const perClass = present.map((primary) => sumOfLogs(mean(rows.filter((_, n) => primaries[n] === primary))));
        const average = perClass.reduce((sum, term) => sum + term, 0) / present.length;
        expect(value(entropyPerPrimary(psi), rows)).toBeCloseTo(average, 5);
        const single = rows.map(sumOfLogs).reduce((sum, term) => sum + term, 0) / rows.length;
        expect(value(sampleEntropy, rows)).toBeCloseTo(-single, 5);
      }),
    );
  });

  it('have the gradient of the tape and of central differences', () => {
    fc.assert(
      fc.property(labelled, ({ psi, rows }) => {
        const mixed = labelRegulariser(
          { entropyWeight: 0.2, entropyScope: 'per-primary', sampleEntropyWeight: 0.3, metaScale: 1 },
          psi,
        );
        for (const term of [entropy, entropyPerPrimary(psi), sampleEntropy, mixed]) {
          const ours = slope(term, rows);
          const onTape = tf.tidy(() =>
            tf
              .grad((y) => term.apply(y as tf.Tensor2D))(tf.tensor2d(rows))
              .dataSync(),
          );
          onTape.forEach((theirs, i) => expect(ours[i]).toBeCloseTo(theirs, 5));
          const own = rows[0]!.findIndex((share) => share > 0);
          const shifted = (by: number) => rows.map((row, n) => row.map((x, k) => (n === 0 && k === own ? x + by : x)));
          const h = 0.01;
          const difference = (value(term, shifted(h)) - value(term, shifted(-h))) / (2 * h);
          expect(Math.abs(ours[own]! - difference)).toBeLessThan(2e-2);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the regulariser', () => {
  const rows = [
    [0.2, 0.8, 0],
    [0.9, 0.1, 0],
    [0, 0, 1],
  ];
  const config = { entropyWeight: 0.2, entropyScope: 'global', sampleEntropyWeight: 0, metaScale: 1 } as const;

  it('is the paper’s entropy term where nothing else is asked for', () => {
    const regulariser = labelRegulariser(config, [2, 1]);
    expect(regulariser.weight).toBe(0.2);
    expect(value(regulariser, rows)).toBe(value(entropy, rows));
  });

  it('is the sum of both terms by their weights, and leaves the scale to the meta-gradient', () => {
    const regulariser = labelRegulariser({ ...config, sampleEntropyWeight: 0.6, metaScale: 4 }, [2, 1]);
    const total = 0.2 * value(entropy, rows) + 0.6 * value(sampleEntropy, rows);
    expect(regulariser.weight * value(regulariser, rows)).toBeCloseTo(total, 6);
    expect(regulariser.metaScale).toBe(4);
  });
});
