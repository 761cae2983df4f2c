import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { disposable, dotParams, trunkOf } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Combiner, TaskParams } from '../../core/stages/index.js';
import { CosineGate } from '../../plugins/loss-weighting/cosine-gate.js';
import { PcGrad } from '../../plugins/loss-weighting/pcgrad.js';
import { surgery, unweightedGate, weightedGate } from './on-tape.js';

const combiners: [string, Combiner, (gradients: TaskParams) => Params][] = [
  ['cosine-gate, weighted', new CosineGate({ gate: 'weighted' }), weightedGate],
  ['cosine-gate, unweighted', new CosineGate({ gate: 'unweighted' }), unweightedGate],
  ['pcgrad', new PcGrad(), surgery],
];
const values = (params: Params): Record<string, number[]> =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, [...tensor.dataSync()]]));

/** Gradients of a trunk of two tensors and of two heads. */
const gradientsOf = (p: readonly number[], a: readonly number[]): TaskParams => ({
  primary: {
    'trunk/kernel': tf.tensor2d([...p.slice(0, 4)], [2, 2]),
    'trunk/bias': tf.tensor1d([...p.slice(4)]),
    'primary/bias': tf.tensor1d([7]),
  },
  auxiliary: {
    'trunk/kernel': tf.tensor2d([...a.slice(0, 4)], [2, 2]),
    'trunk/bias': tf.tensor1d([...a.slice(4)]),
    'auxiliary/bias': tf.tensor1d([-9]),
  },
});
const numbers = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 6, maxLength: 6 });
/** Vectors whose angle is far from a right one, at which the combiners have a kink. */
const apart = fc.tuple(numbers, numbers).filter(([p, a]) => {
  const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return Math.abs(dot(p, a)) > 0.02 * Math.sqrt(dot(p, p) * dot(a, a));
});

describe('by hand', () => {
  const combine = (combiner: Combiner, p: readonly number[], a: readonly number[]) =>
    tf.tidy(() => values(combiner.combine(gradientsOf(p, a))));
  const [weighted, unweighted, pcgrad] = combiners.map(([, combiner]) => combiner) as [Combiner, Combiner, Combiner];
  const agreeing = [1, 0, 0, 0, 1, 1];
  const conflicting = [-1, 0, 0, 0, 1, 0];

  it('the gate opens by the cosine, and closes against a conflict', () => {
    // <p, a> = 2, |p| = 2, |a|^2 = 3: the cosine is 1 / sqrt(3).
    expect(combine(weighted, [2, 0, 0, 0, 0, 0], agreeing)['trunk/bias']![1]).toBeCloseTo(1 / Math.sqrt(3), 6);
    expect(combine(unweighted, [2, 0, 0, 0, 0, 0], agreeing)).toEqual({
      'trunk/kernel': [3, 0, 0, 0],
      'trunk/bias': [1, 1],
      'primary/bias': [7],
      'auxiliary/bias': [-9],
    });
    for (const gate of [weighted, unweighted]) {
      expect(combine(gate, [2, 0, 0, 0, 0, 0], conflicting)).toEqual({
        'trunk/kernel': [2, 0, 0, 0],
        'trunk/bias': [0, 0],
        'primary/bias': [7],
        'auxiliary/bias': [-9],
      });
    }
  });

  it('pcgrad adds what agrees, and projects what conflicts', () => {
    expect(combine(pcgrad, [2, 0, 0, 0, 0, 0], agreeing)['trunk/kernel']).toEqual([3, 0, 0, 0]);
    // p + a of the normals: (1, .., 1) out of p, (0, .., 1) out of a.
    expect(combine(pcgrad, [2, 0, 0, 0, 0, 0], conflicting)).toEqual({
      'trunk/kernel': [1, 0, 0, 0],
      'trunk/bias': [2, 0],
      'primary/bias': [7],
      'auxiliary/bias': [-9],
    });
  });

  it('a gradient that vanishes leaves the other as it is', () => {
    for (const [, combiner] of combiners) {
      expect(combine(combiner, agreeing, [0, 0, 0, 0, 0, 0])['trunk/bias']).toEqual([1, 1]);
    }
    expect(combine(pcgrad, [0, 0, 0, 0, 0, 0], agreeing)['trunk/bias']).toEqual([1, 1]);
  });
});

describe.each(combiners)('%s', (_, combiner, onTape) => {
  it('is its formula, and never turns the trunk against the primary task', () => {
    const before = tf.memory().numTensors;
    fc.assert(
      fc.property(apart, ([p, a]) =>
        tf.tidy(() => {
          const gradients = gradientsOf(p, a);
          const [ours, theirs] = [values(combiner.combine(gradients)), values(onTape(gradients))];
          for (const [name, own] of Object.entries(ours))
            own.forEach((value, i) => expect(value).toBeCloseTo(theirs[name]![i]!, 3));
          const along = dotParams(trunkOf(combiner.combine(gradients)), gradients.primary);
          expect(along).toBeGreaterThanOrEqual(-1e-3);
        }),
      ),
      { numRuns: 40 },
    );
    expect(tf.memory().numTensors).toBe(before);
  });

  it('has the adjoint of its formula on the tape', () => {
    fc.assert(
      fc.property(apart, numbers, ([p, a], v) =>
        tf.tidy(() => {
          const gradients = gradientsOf(p, a);
          const direction = gradientsOf(v, v).auxiliary;
          const names = Object.keys(gradients.auxiliary);
          const along = (...tensors: tf.Tensor[]): tf.Scalar => {
            const auxiliary = Object.fromEntries(names.map((name, i) => [name, tensors[i]!]));
            const made = onTape({ ...gradients, auxiliary });
            return tf.addN(names.map((name) => tf.sum(tf.mul(made[name]!, direction[name]!)))) as tf.Scalar;
          };
          const expected = tf.grads(along)(Object.values(gradients.auxiliary));
          const ours = combiner.adjoint!(gradients, direction);
          for (const [i, name] of names.entries()) {
            const error = tf.max(tf.abs(tf.sub(ours[name]!, expected[i]!))).dataSync()[0]!;
            expect(error).toBeLessThan(2e-3);
          }
        }),
      ),
      { numRuns: 40 },
    );
  });

  it.each([1, -1])('leaves no tensor but what it hands over, the second gradient along %s times the first', (sign) =>
    tf.tidy(() => {
      const gradients = gradientsOf(
        [1, 2, 3, 4, 5, 6],
        [1, 2, 3, 4, 5, 7].map((x) => sign * x),
      );
      const before = tf.memory().numTensors;
      {
        using made = disposable(combiner.combine(gradients));
        expect(tf.memory().numTensors).toBe(before + 4);
        using back = disposable(combiner.adjoint!(gradients, made.params));
        expect(tf.memory().numTensors).toBe(before + 4 + Object.keys(back.params).length);
      }
      expect(tf.memory().numTensors).toBe(before);
    }),
  );
});
