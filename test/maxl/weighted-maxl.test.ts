import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { disposable, disposeParams } from '../../core/autodiff/index.js';
import type { PipelineSpec, StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { isEvent } from '../../core/events/index.js';
import { compose, run } from '../../core/pipeline/index.js';
import type { Batch, LearnedLabels } from '../../core/stages/index.js';
import { Objective, Walk } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import { Focal } from '../../plugins/basics/focal.js';
import { compare, distance } from '../meta-gradient/tape.js';
import { toyPipeline } from '../pipeline/toy.js';

const auxiliary = { use: 'weighted-maxl', psi: [2, 1, 3], entropyWeight: 0, largestWeight: 3 };
const model = { use: 'mlp', hidden: [6, 5], batchNorm: true };

async function at<T>(look: (strategy: LearnedLabels, theta2: Learner, batch: Batch) => T): Promise<T> {
  using composition = await compose(await toyPipeline({ auxiliary, model }));
  const { labels, state, dataset, random } = composition;
  using drawn = new Walk(dataset, random, 'meta', 1).at(0);
  return look(labels as LearnedLabels, state.theta2!, drawn.batch);
}

describe('weighted-maxl', () => {
  it('gives labels and weights of its tape, each weight between 0 and the largest', () =>
    at((strategy, theta2, batch) => {
      using made = strategy.for(batch, theta2);
      tf.tidy(() => {
        const { variables, mode } = theta2;
        for (const [ours, theirs] of [
          [made.targets, strategy.apply(variables, batch, mode)],
          [made.weights!, strategy.applyWeights!(variables, batch, mode)],
        ] as const) {
          expect(ours.shape).toEqual(theirs.shape);
          expect(tf.max(tf.abs(tf.sub(ours, theirs))).dataSync()[0]).toBeLessThan(1e-5);
        }
        const weights = [...made.weights!.dataSync()];
        expect(weights).toHaveLength(6);
        expect(weights.every((weight) => weight > 0 && weight < 3)).toBe(true);
        expect(new Set(weights).size).toBe(6);
      });
    }));

  it('pulls cotangents of both back as the tape does, of labels alone too, and leaves no tensor', () =>
    at((strategy, { variables, mode }, batch) => {
      const before = tf.memory().numTensors;
      const names = Object.keys(variables.params);
      for (const weighted of [true, false]) {
        using point = strategy.linearize(variables, batch, mode);
        using inLabels = tf.randomNormal<tf.Rank.R2>([6, 6], 0, 1, 'float32', 5);
        using inWeights = tf.randomNormal<tf.Rank.R1>([6], 0, 1, 'float32', 6);
        using ours = disposable(point.pullback(inLabels, weighted ? { weights: inWeights } : {}));
        const along = (...values: tf.Tensor[]): tf.Scalar => {
          const params = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
          const labels = tf.sum(tf.mul(strategy.apply({ ...variables, params }, batch, mode), inLabels));
          const weights = strategy.applyWeights!({ ...variables, params }, batch, mode);
          return tf.add(labels, tf.mul(tf.sum(tf.mul(weights, inWeights)), weighted ? 1 : 0));
        };
        const theirs = tf.tidy(() => tf.grads(along)(Object.values(variables.params)));
        const expected = Object.fromEntries(names.map((name, i) => [name, theirs[i]!]));
        expect(distance(ours.params, expected)).toBeLessThan(3e-3);
        disposeParams(expected);
      }
      expect(tf.memory().numTensors).toBe(before);
    }));

  const optimizers: [string, StageSpec][] = [
    ['sgd', { use: 'sgd', learningRate: 0.1 }],
    ['sgd with momentum', { use: 'sgd', learningRate: 0.1, momentum: 0.9 }],
    ['adam', { use: 'adam', learningRate: 0.1, epsilon: 0.1 }],
  ];

  it.each(optimizers)('%s: learns by the gradient of a tape through the whole step, weights included', (_, optimizer) =>
    compare({ auxiliary, model, optimizer }, { trained: 2, metaBatch: 'next' }, (gradient, expected) => {
      const weightHead = (params: typeof expected) =>
        Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith('weights/')));
      for (const method of ['exact', 'unrolled', 'double-backward']) {
        const ours = gradient(method);
        expect(distance(ours, expected)).toBeLessThan(2e-3);
        expect(distance(weightHead(ours), weightHead(expected))).toBeLessThan(5e-3);
      }
    }),
  );

  it('looks several steps ahead too', () =>
    compare({ auxiliary, model }, { trained: 1, steps: 2, metaBatch: 'next' }, (gradient, expected) => {
      for (const method of ['unrolled', 'double-backward'])
        expect(distance(gradient(method), expected)).toBeLessThan(5e-3);
    }));

  it('comes near it by finite differences', () =>
    compare({ auxiliary, model: { use: 'smooth' } }, { trained: 2 }, (gradient, expected) => {
      expect(distance(gradient('finite-difference'), expected)).toBeLessThan(0.02);
    }));

  it.each(['epoch', 'interleaved', 'streaming'])(
    '%s: runs, the same for the same seed, and leaves nothing',
    async (schedule) => {
      const before = tf.memory().numTensors;
      const metaStep = { use: 'meta-gradient', schedule, optimizer: { use: 'adam', learningRate: 0.01 } };
      const spec: PipelineSpec = { auxiliary, model, metaStep, epochs: 1 };
      const losses = async () => {
        const events = await lastValueFrom(run(await toyPipeline(spec), { record: false }).pipe(toArray()));
        return events
          .filter(isEvent('meta-step:end'))
          .map(({ primaryLossAfter, metaGradientNorm }) => [primaryLossAfter, metaGradientNorm]);
      };
      const first = await losses();
      expect(first).toHaveLength(5);
      expect(await losses()).toEqual(first);
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe('the mixed derivative in the weights', () => {
  it('is that of the tape, at a weight of 0 too', () =>
    tf.tidy(() => {
      const focal = new Focal({ gamma: 2 });
      const objective = new Objective(focal, focal);
      const [output, tangent] = [1, 2].map((seed) => tf.randomNormal<tf.Rank.R2>([4, 3], 0, 1, 'float32', seed));
      const targets = tf.softmax(tf.randomNormal<tf.Rank.R2>([4, 3], 0, 1, 'float32', 3));
      const weights = tf.tensor1d([0, 0.5, 1, 2]);
      const slope = (weights: tf.Tensor): tf.Scalar => {
        const loss = (x: tf.Tensor) => objective.applyAuxiliary({ auxiliary: x }, { targets, weights });
        return tf.sum(tf.mul(tf.grad(loss)(output!), tangent!));
      };
      const expected = tf.grad(slope)(weights).dataSync();
      const ours = objective.mixedInWeights({ auxiliary: output! }, { targets }, tangent!).dataSync();
      expect(Math.hypot(...expected)).toBeGreaterThan(0.01);
      ours.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 5));
    }));
});
