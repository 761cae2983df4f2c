import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tf } from '../../core/engine/index.js';
import { MeanSquaredError } from '../../plugins/basics/mean-squared-error.js';

/** The loss in double precision, straight from its definition. */
const reference = (predicted: number[][], targets: number[][], weights?: number[]): number => {
  const squares = predicted.flatMap((row, n) =>
    row.map((value, k) => (weights?.[n] ?? 1) * (value - targets[n]![k]!) ** 2),
  );
  return squares.reduce((sum, square) => sum + square, 0) / squares.length;
};

const rows = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 3 })).chain(([length, width]) =>
  fc.array(fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: width, maxLength: width }), {
    minLength: length,
    maxLength: length,
  }),
);
const waves = (like: number[][], phase: number): number[][] =>
  like.map((row, n) => row.map((_, k) => Math.sin(phase + n + 3 * k)));

describe('mean squared error', () => {
  it('agrees with its definition, and so do its gradient and its mixed derivative with central differences of it', () => {
    fc.assert(
      fc.property(rows, fc.nat(99), fc.boolean(), (predicted, phase, weighted) => {
        const targets = waves(predicted, phase);
        const tangent = waves(predicted, phase + 1);
        const weights = weighted ? predicted.map((_, n) => 0.5 + n) : undefined;
        const loss = new MeanSquaredError();
        using z = tf.tensor2d(predicted);
        using y = tf.tensor2d(targets);
        using v = tf.tensor2d(tangent);
        using w = tf.tensor1d(weights ?? [1]);
        using point = loss.at(z, y, weighted ? w : undefined);
        expect(point.value).toBeCloseTo(reference(predicted, targets, weights), 3);
        using taped = loss.apply(z, y, weighted ? w : undefined);
        expect(taped.dataSync()[0]).toBeCloseTo(point.value, 4);

        const h = 1e-4;
        const moved = (a: number[][], b: number[][], by: number) =>
          a.map((row, n) => row.map((x, k) => x + by * b[n]![k]!));
        const along = (t: number[][]): number =>
          (reference(moved(predicted, tangent, h), t, weights) - reference(moved(predicted, tangent, -h), t, weights)) /
          (2 * h);
        const slope = point.cotangent.mul(v).sum().dataSync()[0];
        expect(slope).toBeCloseTo(along(targets), 3);

        const change = waves(predicted, phase + 2);
        using d = tf.tensor2d(change);
        using mixed = point.mixed(v);
        const inTargets = (along(moved(targets, change, h)) - along(moved(targets, change, -h))) / (2 * h);
        expect(mixed.mul(d).sum().dataSync()[0]).toBeCloseTo(inTargets, 3);
      }),
      { numRuns: 50 },
    );
  });

  it('leaves no tensors behind', () => {
    using z = tf.tensor2d([[1], [2]]);
    using y = tf.tensor2d([[0], [4]]);
    using weights = tf.tensor1d([1, 2]);
    const before = tf.memory().numTensors;
    for (const given of [undefined, weights]) {
      using point = new MeanSquaredError().at(z, y, given);
      tf.dispose([point.mixed(z), new MeanSquaredError().apply(z, y, given)]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
