import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
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

  it('divides the logits by its temperature', () => {
    using mask = blockMask(Int32Array.of(1), [1, 2]);
    using logits = tf.tensor2d([[9, 0, Math.log(3)]]);
    using sharp = maskSoftmax(logits, mask, 0.5);
    expect([...sharp.dataSync()].map((share) => share.toFixed(5))).toEqual(['0.00000', '0.10000', '0.90000']);
  });

  it('pulls back as the tape does, at any temperature', () => {
    const temperatures = fc.constantFrom(0.3, 1, 4);
    fc.assert(
      fc.property(
        batches(fc.double({ min: -3, max: 3, noNaN: true })),
        temperatures,
        ({ psi, samples }, temperature) => {
          tf.tidy(() => {
            const mask = blockMask(
              Int32Array.from(samples, ({ primary }) => primary),
              psi,
            );
            const logits = tf.tensor2d(samples.map((sample) => sample.logits));
            const cotangent = tf.tensor2d(samples.map((sample, n) => sample.logits.map((_, k) => Math.sin(n + 2 * k))));
            const ours = maskSoftmaxPullback(maskSoftmax(logits, mask, temperature), cotangent, temperature).dataSync();
            const theirs = tf
              .grad((z) => maskSoftmax(z, mask, temperature))(logits, cotangent)
              .dataSync();
            theirs.forEach((value, i) => expect(ours[i]).toBeCloseTo(value, 5));
          });
        },
      ),
      { numRuns: 50 },
    );
  });
});
