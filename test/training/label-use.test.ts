import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tf } from '../../core/engine/index.js';
import type { StepMeasurement } from '../../core/events/index.js';
import { EpochMeter, labelSums, labelUse, meanUse } from '../../core/training/index.js';

const use = (rows: number[][], primaries: number[], psi: number[]) => {
  using targets = tf.tensor2d(rows);
  const { labelMass, labelEntropy } = labelSums(targets, Int32Array.from(primaries), psi);
  const sums = { labelMass: Float64Array.from(labelMass), labelEntropy: Float64Array.from(labelEntropy) };
  return labelUse(
    sums,
    psi,
    psi.map((_, i) => `class ${i}`),
  );
};
const entropy = (shares: readonly number[]): number =>
  -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);

describe('label use', () => {
  it('adds the labels and entropies of each primary class by themselves, and shares out its own block', () => {
    using targets = tf.tensor2d([
      [0.5, 0.5, 0, 0],
      [0, 0, 0.25, 0.75],
      [1, 0, 0, 0],
    ]);
    const { labelMass, labelEntropy } = labelSums(targets, Int32Array.of(0, 1, 0), [2, 2]);
    expect([...labelMass]).toEqual([1.5, 0.5, 0, 0, 0, 0, 0.25, 0.75]);
    expect(labelEntropy[0]).toBeCloseTo(Math.log(2), 6);
    expect(labelEntropy[1]).toBeCloseTo(entropy([0.25, 0.75]), 6);
    const sums = { labelMass: Float64Array.from(labelMass), labelEntropy: Float64Array.from(labelEntropy) };
    const [even, odd] = labelUse(sums, [2, 2], ['even', 'odd']);
    expect(even).toMatchObject({ primaryClass: 'even', samples: 2, shares: [0.75, 0.25] });
    expect(odd).toMatchObject({ primaryClass: 'odd', samples: 1, shares: [0.25, 0.75] });
    expect(even!.effectiveClasses).toBeCloseTo(Math.exp(entropy([0.75, 0.25])), 6);
    expect(even!.sampleEntropy).toBeCloseTo(0.5, 6);
    expect(even!.sharpness).toBeCloseTo(entropy([0.75, 0.25]) / Math.log(2) - 0.5, 6);
    expect(odd!.sharpness).toBeCloseTo(0, 6);
  });

  it('tells sharp and even labels from uniform and from collapsed ones', () => {
    const [sharp] = use([[1, 0], [0, 1]], [0, 0], [2]); // prettier-ignore
    expect(sharp).toMatchObject({ effectiveClasses: 2, sampleEntropy: 0, sharpness: 1 });
    const [uniform] = use([[0.5, 0.5], [0.5, 0.5]], [0, 0], [2]); // prettier-ignore
    expect(uniform!.sampleEntropy).toBeCloseTo(1, 6);
    expect(uniform!.sharpness).toBeCloseTo(0, 6);
    const [collapsed] = use([[1, 0], [1, 0]], [0, 0], [2]); // prettier-ignore
    expect(collapsed).toMatchObject({ effectiveClasses: 1, sampleEntropy: 0, sharpness: 0 });
  });

  it('is finite for blocks of one class and for primary classes without samples', () => {
    const [one, none] = use([[1, 0, 0]], [0], [1, 2]);
    expect(one).toMatchObject({ samples: 1, shares: [1], effectiveClasses: 1, sampleEntropy: 0, sharpness: 0 });
    expect(none).toMatchObject({ samples: 0, shares: [0, 0], effectiveClasses: 0, sampleEntropy: 0, sharpness: 0 });
    expect(meanUse([one!, none!])).toBeUndefined();
  });

  it('has figures between 0 and 1, and evenness is their sum', () => {
    const rows = fc.array(fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 3, maxLength: 3 }), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(rows, (weights) => {
        const labels = weights.map((row) => row.map((weight) => weight / row.reduce((sum, w) => sum + w, 0)));
        const uses = use(labels, Array<number>(labels.length).fill(0), [3]);
        const [{ sampleEntropy, sharpness, effectiveClasses }] = uses as [(typeof uses)[0]];
        for (const figure of [sampleEntropy, sharpness]) {
          expect(figure).toBeGreaterThanOrEqual(0);
          expect(figure).toBeLessThanOrEqual(1 + 1e-6);
        }
        expect(Math.log(effectiveClasses) / Math.log(3)).toBeCloseTo(sampleEntropy + sharpness, 6);
      }),
    );
  });
});

describe('the epoch meter', () => {
  it('gathers labels over batches and weighs primary classes by their samples', () => {
    const meter = new EpochMeter([2, 2, 1], ['a', 'b', 'c']);
    const step = (rows: number[][], primaries: number[]): StepMeasurement => {
      using targets = tf.tensor2d(rows);
      const sums = labelSums(targets, Int32Array.from(primaries), [2, 2, 1]);
      return { type: 'step:end', primaryLoss: 1, primaryAccuracy: 1, learningRate: 1, ...sums };
    };
    meter.add(step([[1, 0, 0, 0, 0], [0, 0, 0.5, 0.5, 0]], [0, 1]), 2); // prettier-ignore
    meter.add(step([[0, 1, 0, 0, 0], [1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 0, 0, 1]], [0, 0, 0, 2]), 4); // prettier-ignore
    expect(meter.labelUse!.map(({ samples }) => samples)).toEqual([4, 1, 1]);
    expect(meter.labelUse!.map(({ sharpness }) => Math.round(sharpness))).toEqual([1, 0, 0]);
    const { labelEvenness, labelSampleEntropy, labelSharpness } = meter.metrics;
    expect(labelSharpness).toBeCloseTo(0.8, 6);
    expect(labelSampleEntropy).toBeCloseTo(0.2, 6);
    expect(labelEvenness).toBeCloseTo(1, 6);
  });

  const meta = (metaCotangentNorm: number, regulariserCotangentNorm: number) => ({
    type: 'meta-step:end' as const,
    primaryLossBefore: 1,
    primaryLossAfter: 1,
    regulariser: -1,
    metaGradientNorm: 1,
    metaCotangentNorm,
    regulariserCotangentNorm,
    learningRate: 1,
  });

  it('says which part the meta-gradient has beside the regulariser', () => {
    const meter = new EpochMeter(undefined, ['a']);
    meter.add(meta(1, 3), 10);
    meter.add(meta(4, 3), 5);
    expect(meter.metrics).toMatchObject({ metaCotangentNorm: 2, regulariserCotangentNorm: 3, metaShare: 0.4 });
    expect(meter.metrics).not.toHaveProperty('labelSharpness');
    expect(new EpochMeter(undefined, []).metrics).not.toHaveProperty('metaShare');
  });

  it('says so of each primary class, over a pause too', () => {
    const first = new EpochMeter([2, 2, 1], ['a', 'b', 'c']);
    const norms = (...values: number[]) => Float32Array.from(values);
    const of = (ofMeta: Float32Array, ofRegulariser: Float32Array) => ({
      ...meta(1, 1),
      metaCotangentNorms: ofMeta,
      regulariserCotangentNorms: ofRegulariser,
    });
    using targets = tf.tensor2d([[1, 0, 0, 0, 0]]);
    const sums = labelSums(targets, Int32Array.of(0), [2, 2, 1]);
    first.add({ type: 'step:end', primaryLoss: 1, learningRate: 1, ...sums }, 1);
    first.add(of(norms(1, 2, 0), norms(1, 6, 0)), 1);
    const second = new EpochMeter([2, 2, 1], ['a', 'b', 'c']);
    second.restore(JSON.parse(JSON.stringify(first.snapshot())));
    second.add(of(norms(2, 0, 0), norms(0, 0, 0)), 1);
    expect(second.labelUse!.map(({ metaShare }) => metaShare)).toEqual([0.75, 0.25, undefined]);
  });
});
