import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tf } from '../../core/engine/index.js';
import { DataError } from '../../core/errors/index.js';
import type { Combiner, TaskParams } from '../../core/stages/index.js';
import { GradNorm, GradNormConfig } from '../../plugins/loss-weighting/gradnorm.js';
import { Uncertainty, UncertaintyConfig } from '../../plugins/loss-weighting/uncertainty.js';

const uncertainty = (config: object = {}) => new Uncertainty(UncertaintyConfig.parse(config));
const gradNorm = (config: object = {}) => new GradNorm(GradNormConfig.parse(config));

/** Gradients over a trunk whose norms are given; the heads' count for nothing. */
const ofNorms = (primary: number, auxiliary: number): TaskParams => ({
  primary: { 'trunk/kernel': tf.tensor1d([0.6 * primary, 0.8 * primary]), 'primary/bias': tf.tensor1d([100]) },
  auxiliary: { 'trunk/kernel': tf.tensor1d([auxiliary, 0]), 'auxiliary/bias': tf.tensor1d([100]) },
});
const learn = (combiner: Combiner, losses: [number, number], norms: [number, number] = [1, 1]): void =>
  tf.tidy(() =>
    combiner.learn!({ losses: { primary: losses[0], auxiliary: losses[1] }, gradients: ofNorms(...norms) }),
  );

describe('uncertainty', () => {
  it('starts with the weights asked for', () => {
    expect(uncertainty().weights).toEqual({ primary: 1, auxiliary: 1 });
    expect(uncertainty({ initial: 1 }).weights.primary).toBeCloseTo(Math.exp(-1), 12);
  });

  it('moves each log variance down its loss: by central differences', () => {
    const objective = (s: number, loss: number) => Math.exp(-s) * loss + s / 2;
    const numbers = fc.double({ min: 0.05, max: 5, noNaN: true });
    fc.assert(
      fc.property(numbers, numbers, fc.double({ min: -1, max: 1, noNaN: true }), (primary, auxiliary, initial) => {
        const combiner = uncertainty({ initial, learningRate: 0.1 });
        learn(combiner, [primary, auxiliary]);
        const h = 1e-5;
        for (const [task, loss] of Object.entries({ primary, auxiliary })) {
          const slope = (objective(initial + h, loss) - objective(initial - h, loss)) / (2 * h);
          const s = -Math.log(combiner.weights[task as 'primary']);
          expect(s).toBeCloseTo(initial - 0.1 * slope, 6);
        }
      }),
    );
  });

  it('ends at 1 / (2 L) where losses stand still', () => {
    const combiner = uncertainty({ learningRate: 0.2 });
    for (let step = 0; step < 400; step++) learn(combiner, [0.25, 4]);
    expect(combiner.weights.primary).toBeCloseTo(2, 6);
    expect(combiner.weights.auxiliary).toBeCloseTo(0.125, 6);
  });
});

describe('gradnorm', () => {
  it('takes the step of algorithm 1, worked by hand', () => {
    const combiner = gradNorm({ alpha: 1, learningRate: 0.1 });
    learn(combiner, [2, 4], [1, 1]);
    expect(combiner.weights).toEqual({ primary: 1, auxiliary: 1 });
    // Losses over the first: 0.5 and 1, so r is 2/3 and 4/3; norms 3 and 1, mean 2; targets 4/3 and 8/3.
    // Slopes: +3 and -1; moved to 0.7 and 1.1, which sum to 1.8 and are scaled to 2.
    learn(combiner, [1, 4], [3, 1]);
    expect(combiner.weights.primary).toBeCloseTo(0.7 / 0.9, 6);
    expect(combiner.weights.auxiliary).toBeCloseTo(1.1 / 0.9, 6);
  });

  // Norms 1 and 3, mean 2; r is 2/3 and 4/3 as above. Targets 2 r: 4/3 and 8/3; 2 r^3: 0.59 and 4.74, on the norms' other sides.
  it.each([
    { alpha: 1, primary: 1.1 / 0.9, auxiliary: 0.7 / 0.9 },
    { alpha: 3, primary: 0.9 / 1.1, auxiliary: 1.3 / 1.1 },
  ])('pulls up the task that lags by the power alpha: $alpha', ({ alpha, primary, auxiliary }) => {
    const combiner = gradNorm({ alpha, learningRate: 0.1 });
    learn(combiner, [2, 4], [1, 1]);
    learn(combiner, [1, 4], [1, 3]);
    expect(combiner.weights.primary).toBeCloseTo(primary, 6);
    expect(combiner.weights.auxiliary).toBeCloseTo(auxiliary, 6);
  });

  it('evens the norms of tasks that train alike', () => {
    const combiner = gradNorm({ learningRate: 0.002 });
    for (let step = 0; step < 2000; step++) learn(combiner, [1, 1], [3, 1]);
    expect(combiner.weights.primary * 3).toBeCloseTo(combiner.weights.auxiliary, 1);
  });

  it('keeps both weights above 0, and their sum at 2', () => {
    const amount = fc.oneof(fc.constant(0), fc.double({ min: 1e-6, max: 50, noNaN: true }));
    const updates = fc.array(fc.tuple(amount, amount, amount, amount), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(updates, (steps) => {
        const combiner = gradNorm({ learningRate: 0.5 });
        for (const [primary, auxiliary, ...norms] of steps) learn(combiner, [primary, auxiliary], norms);
        const { primary, auxiliary } = combiner.weights;
        expect(Math.min(primary, auxiliary)).toBeGreaterThan(0);
        expect(primary + auxiliary).toBeCloseTo(2, 9);
      }),
      { numRuns: 50 },
    );
  });
});

describe.each<[string, () => Combiner]>([
  ['uncertainty', uncertainty],
  ['gradnorm', gradNorm],
])('%s', (_, make) => {
  it('adds the gradients by the weights of the moment, and leaves no other tensor', () => {
    const combiner = make();
    for (const norm of [4, 3]) learn(combiner, [0.5, 2], [norm, 1]);
    const { primary, auxiliary } = combiner.weights!;
    expect(primary).not.toBeCloseTo(auxiliary, 2);
    tf.tidy(() => {
      const gradients = ofNorms(2, 3);
      const before = tf.memory().numTensors;
      const made = combiner.combine(gradients);
      expect(tf.memory().numTensors).toBe(before + 3);
      const kernel = made['trunk/kernel']!.dataSync();
      expect(kernel[0]).toBeCloseTo(1.2 * primary + 3 * auxiliary, 5);
      expect(kernel[1]).toBeCloseTo(1.6 * primary, 5);
      expect(made['auxiliary/bias']!.dataSync()[0]).toBeCloseTo(100 * auxiliary, 3);
    });
  });

  it('goes on from a snapshot as if it had never stopped', () => {
    const [whole, before, after] = [make(), make(), make()];
    const steps: [number, number][] = [
      [2, 1],
      [1, 0.7],
      [0.4, 0.6],
      [0.3, 0.1],
    ];
    for (const losses of steps) learn(whole, losses, [losses[0], 3]);
    for (const losses of steps.slice(0, 2)) learn(before, losses, [losses[0], 3]);
    const { tensors, values } = before.snapshot!();
    expect(tensors).toEqual({});
    after.restore!({ tensors, values: JSON.parse(JSON.stringify(values)) as unknown });
    for (const losses of steps.slice(2)) learn(after, losses, [losses[0], 3]);
    expect(after.weights).toEqual(whole.weights);
  });

  it('goes on before the first update too', () => {
    const combiner = make();
    combiner.restore!({ tensors: {}, values: JSON.parse(JSON.stringify(make().snapshot!().values)) as unknown });
    expect(combiner.weights).toEqual({ primary: 1, auxiliary: 1 });
  });

  it.each([undefined, {}, { weights: 1 }, { logVariances: { primary: 'a', auxiliary: 0 } }])(
    'refuses the snapshot of something else: %j',
    (values) => {
      expect(() => make().restore!({ tensors: {}, values })).toThrow(DataError);
    },
  );
});
