import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { entropy } from '../../plugins/maxl/entropy.js';
import { blockMask, maskSoftmax, maskSoftmaxPullback } from '../../plugins/maxl/mask-softmax.js';

const psis = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

/** A batch of logits with a primary class for each sample, for a random hierarchy. */
const batches = (logit: fc.Arbitrary<number>) =>
  psis.chain((psi) => {
    const outputs = psi.reduce((sum, size) => sum + size, 0);
    const sample = fc.record({
      primary: fc.nat(psi.length - 1),
      logits: fc.array(logit, { minLength: outputs, maxLength: outputs }),
    });
    return fc.record({ psi: fc.constant(psi), samples: fc.array(sample, { minLength: 1, maxLength: 5 }) });
  });

describe('mask softmax', () => {
  it('is a distribution over the own block, exactly zero outside, for logits of any size', () => {
    fc.assert(
      fc.property(batches(fc.constantFrom(-1000, -88, -1, 0, 0.5, 88, 1000)), ({ psi, samples }) => {
        using mask = blockMask(
          Int32Array.from(samples, ({ primary }) => primary),
          psi,
        );
        using logits = tf.tensor2d(samples.map((sample) => sample.logits));
        using labels = maskSoftmax(logits, mask);
        for (const [n, row] of labels.arraySync().entries()) {
          const primary = samples[n]!.primary;
          const start = psi.slice(0, primary).reduce((sum, size) => sum + size, 0);
          const block = samples[n]!.logits.slice(start, start + psi[primary]!);
          const weights = block.map((z) => Math.exp(z - Math.max(...block)));
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          row.forEach((value, k) => {
            const inside = k >= start && k < start + psi[primary]!;
            if (inside) expect(value).toBeCloseTo(weights[k - start]! / total, 6);
            else expect(value).toBe(0);
          });
        }
      }),
      { numRuns: 100 },
    );
  });

  it('pulls back as the tape does', () => {
    fc.assert(
      fc.property(batches(fc.double({ min: -3, max: 3, noNaN: true })), ({ psi, samples }) => {
        tf.tidy(() => {
          const mask = blockMask(
            Int32Array.from(samples, ({ primary }) => primary),
            psi,
          );
          const logits = tf.tensor2d(samples.map((sample) => sample.logits));
          const cotangent = tf.tensor2d(samples.map((sample, n) => sample.logits.map((_, k) => Math.sin(n + 2 * k))));
          const ours = maskSoftmaxPullback(maskSoftmax(logits, mask), cotangent).dataSync();
          const theirs = tf
            .grad((z) => maskSoftmax(z, mask))(logits, cotangent)
            .dataSync();
          theirs.forEach((value, i) => expect(ours[i]).toBeCloseTo(value, 5));
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('entropy term', () => {
  it("is -log K for even use, 0 for collapse, and its cotangent is the tape's", () => {
    tf.tidy(() => {
      const { apply, cotangent } = entropy(0.2);
      expect(apply(tf.fill([3, 4], 0.25)).dataSync()[0]).toBeCloseTo(-Math.log(4), 6);
      expect(apply(tf.tensor2d([[1, 0]])).dataSync()[0]).toBeCloseTo(0, 6);
      const targets = tf.tensor2d([
        [0.2, 0.5, 0.3],
        [0.6, 0.1, 0.3],
      ]);
      const onTape = tf
        .grad((y) => apply(y as tf.Tensor2D))(targets)
        .dataSync();
      cotangent(targets)
        .dataSync()
        .forEach((value, i) => expect(value).toBeCloseTo(onTape[i]!, 6));
    });
  });

  it('has gradient 0, not NaN, for a class absent from the batch', () => {
    tf.tidy(() => {
      const { apply, cotangent } = entropy(0.2);
      const targets = tf.tensor2d([[0.4, 0.6, 0]]);
      expect(cotangent(targets).dataSync()[2]).toBe(0);
      expect(
        tf
          .grad((y) => apply(y as tf.Tensor2D))(targets)
          .dataSync()[2],
      ).toBe(0);
    });
  });
});
