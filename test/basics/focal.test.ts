import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tf } from '../../core/engine/index.js';
import { CrossEntropy } from '../../plugins/basics/cross-entropy.js';
import { Focal } from '../../plugins/basics/focal.js';

/** The loss in double precision, straight from its definition. */
function reference(logits: number[][], targets: number[][], gamma: number, weights?: number[]): number {
  const perSample = logits.map((row, n) => {
    const max = Math.max(...row);
    const logSum = Math.log(row.reduce((sum, z) => sum + Math.exp(z - max), 0));
    const terms = row.map((z, k) => {
      const logP = z - max - logSum;
      const factor = gamma === 0 ? 1 : Math.max(-Math.expm1(logP), gamma < 1 ? 1e-7 : 0) ** gamma;
      return targets[n]![k] === 0 ? 0 : -targets[n]![k]! * factor * logP;
    });
    return (weights?.[n] ?? 1) * terms.reduce((sum, term) => sum + term, 0);
  });
  return perSample.reduce((sum, value) => sum + value, 0) / logits.length;
}

const gammas = fc.constantFrom(0, 0.5, 1, 2, 3.7, 5);
const rows = (values: fc.Arbitrary<number>) =>
  fc.array(fc.array(values, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 });
const normalise = (row: number[]): number[] => {
  const total = row.reduce((sum, value) => sum + value, 0);
  return row.map((value) => value / total);
};
const softTargets = (n: number, seed: number): number[][] =>
  Array.from({ length: n }, (_, i) => normalise([1 + ((seed * 7 + i) % 5), 1 + ((seed + 3 * i) % 4), 2]));

describe('focal loss', () => {
  it('agrees with its definition in double precision', () => {
    fc.assert(
      fc.property(rows(fc.double({ min: -8, max: 8, noNaN: true })), gammas, fc.nat(99), (logits, gamma, seed) => {
        const targets = softTargets(logits.length, seed);
        using z = tf.tensor2d(logits);
        using t = tf.tensor2d(targets);
        using point = new Focal({ gamma }).at(z, t);
        const expected = reference(logits, targets, gamma);
        expect(Math.abs(point.value - expected)).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(expected)));
      }),
      { numRuns: 60 },
    );
  });

  it('has a cotangent and a mixed derivative that central differences in double precision confirm', () => {
    fc.assert(
      fc.property(rows(fc.double({ min: -4, max: 4, noNaN: true })), gammas, fc.nat(99), (logits, gamma, seed) => {
        const targets = softTargets(logits.length, seed);
        const weights = logits.map((_, n) => 0.5 + n);
        const tangent = logits.map((row, n) => row.map((_, k) => Math.sin(1 + n + 3 * k + seed)));
        const h = 1e-6;
        const moved = (to: number, t = targets): number =>
          reference(
            logits.map((row, n) => row.map((z, k) => z + to * tangent[n]![k]!)),
            t,
            gamma,
            weights,
          );
        using z = tf.tensor2d(logits);
        using t = tf.tensor2d(targets);
        using w = tf.tensor1d(weights);
        using v = tf.tensor2d(tangent);
        using point = new Focal({ gamma }).at(z, t, w);

        const directional = (moved(h) - moved(-h)) / (2 * h);
        using product = tf.sum(tf.mul(point.cotangent, v));
        expect(product.dataSync()[0]).toBeCloseTo(directional, 4);

        using mixed = point.mixed(v);
        const values = mixed.dataSync();
        for (let i = 0; i < 3; i++) {
          const bumped = targets.map((row, n) => (n === 0 ? row.map((value, k) => value + (k === i ? 1 : 0)) : row));
          const inTarget = (moved(h, bumped) - moved(-h, bumped)) / (2 * h) - directional;
          expect(values[i]).toBeCloseTo(inTarget, 4);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('stays finite and right for logits of +-1000, for p = 0 and 1, gamma 0 to 5', () => {
    fc.assert(
      fc.property(
        rows(fc.constantFrom(-1000, -60, 0, 60, 1000)),
        fc.double({ min: 0, max: 5, noNaN: true }),
        (logits, gamma) => {
          const targets = logits.map((_, n) => [n % 3 === 0 ? 1 : 0, n % 3 === 1 ? 1 : 0, n % 3 === 2 ? 1 : 0]);
          using z = tf.tensor2d(logits);
          using t = tf.tensor2d(targets);
          using v = tf.onesLike(z);
          using point = new Focal({ gamma }).at(z, t);
          using mixed = point.mixed(v);
          using onTape = tf.tidy(() => tf.grad((x) => new Focal({ gamma }).apply(x, t))(z));
          for (const tensor of [point.cotangent, mixed, onTape]) {
            expect([...tensor.dataSync()].every(Number.isFinite)).toBe(true);
          }
          const expected = reference(logits, targets, gamma);
          expect(Math.abs(point.value - expected)).toBeLessThanOrEqual(1e-4 * Math.max(1, Math.abs(expected)));
        },
      ),
      { numRuns: 100 },
    );
  });

  it('takes hard classes as one-hot targets, and is cross-entropy at gamma 0', () => {
    using z = tf.tensor2d([
      [1, 2, 0.5],
      [0, -1, 3],
    ]);
    using hard = tf.tensor1d([1, 2], 'int32');
    using soft = tf.tensor2d([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    using fromHard = new Focal({ gamma: 2 }).at(z, hard);
    using fromSoft = new Focal({ gamma: 2 }).at(z, soft);
    expect(fromHard.value).toBe(fromSoft.value);
    using crossEntropy = new CrossEntropy().at(z, hard);
    using builtIn = tf.losses.softmaxCrossEntropy(soft, z);
    expect(crossEntropy.value).toBeCloseTo(builtIn.dataSync()[0]!, 6);
  });

  it('is right in double backward on the tape where a naive form gives NaN', () => {
    tf.tidy(() => {
      const z = tf.tensor2d([[60, 0, -60]]);
      const t = tf.tensor2d([[0, 1, 0]]);
      const second = tf.grad((x) => tf.sum(tf.square(tf.grad((y) => new Focal({ gamma: 2 }).apply(y, t))(x))))(z);
      expect([...second.dataSync()].every(Number.isFinite)).toBe(true);
    });
  });

  it('leaves no tensors behind', () => {
    using z = tf.tensor2d([[1, 2]]);
    using t = tf.tensor2d([[0.5, 0.5]]);
    const before = tf.memory().numTensors;
    {
      using point = new Focal({ gamma: 2 }).at(z, t);
      point.mixed(z).dispose();
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
