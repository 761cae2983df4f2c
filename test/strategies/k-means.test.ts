import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Generator } from '../../core/engine/index.js';
import { kMeans } from '../../plugins/autoencoder-kmeans/k-means.js';

const cluster = (rows: readonly (readonly number[])[], k: number, seed = 1) =>
  kMeans({ values: Float32Array.from(rows.flat()), width: rows[0]!.length }, k, Generator.for(seed, 'k-means'));

/** Rows with many repeated points, so that clusters fall empty. */
const clumped = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1 })), {
  minLength: 1,
  maxLength: 30,
});

describe('k-means', () => {
  it('finds groups that lie apart, whatever the seed', () => {
    const groups = [
      [0, 0],
      [9, 0],
      [0, 9],
    ];
    const noise = Generator.for(7, 'noise');
    const rows = Array.from({ length: 60 }, (_, n) => groups[n % 3]!.map((x) => x + noise.uniform(-1, 1)));
    for (const seed of [1, 2, 3, 4, 5]) {
      const { labels } = cluster(rows, 3, seed);
      expect(new Set(labels.subarray(0, 3)).size).toBe(3);
      labels.forEach((label, n) => expect(label).toBe(labels[n % 3]));
    }
  });

  it('leaves no cluster empty, even where there are fewer distinct points than clusters', () => {
    fc.assert(
      fc.property(clumped, fc.integer({ min: 1, max: 8 }), fc.integer(), (rows, most, seed) => {
        const k = Math.min(most, rows.length);
        const { labels, inertia } = cluster(rows, k, seed);
        expect([...new Set(labels)].sort((a, b) => a - b)).toEqual(Array.from({ length: k }, (_, c) => c));
        expect(Number.isFinite(inertia)).toBe(true);
      }),
    );
  });

  it('ends where no point is nearer to the mean of another cluster', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true })), {
          minLength: 12,
          maxLength: 30,
        }),
        (points) => {
          // Apart enough that single precision decides no tie.
          const rows = points.map(([x, y], n) => [Math.fround(x), Math.fround(y + n / 8)]);
          const { labels, inertia } = cluster(rows, 3);
          const means = [0, 1, 2].map((c) => {
            const own = rows.filter((_, n) => labels[n] === c);
            return [0, 1].map((i) => own.reduce((sum, row) => sum + row[i]!, 0) / own.length);
          });
          const distance = (row: readonly number[], c: number) =>
            means[c]!.reduce((sum, x, i) => sum + (row[i]! - x) ** 2, 0);
          rows.forEach((row, n) => {
            for (const c of [0, 1, 2]) expect(distance(row, labels[n]!)).toBeLessThanOrEqual(distance(row, c) + 1e-9);
          });
          expect(inertia).toBeCloseTo(
            rows.reduce((sum, row, n) => sum + distance(row, labels[n]!), 0),
            6,
          );
        },
      ),
    );
  });

  it('is the same for the same seed', () => {
    const noise = Generator.for(1, 'noise');
    const rows = Array.from({ length: 200 }, () => [noise.uniform(), noise.uniform()]);
    expect(cluster(rows, 8, 3)).toEqual(cluster(rows, 8, 3));
    expect(cluster(rows, 8, 3)).not.toEqual(cluster(rows, 8, 4));
  });
});
