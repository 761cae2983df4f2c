import { describe, expect, it } from '@jest/globals';
import { disposable, disposeParams, dotParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, passesOf } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { isLearned } from '../../core/stages/index.js';
import type { Batch, LearnedLabels } from '../../core/stages/index.js';
import { heads, Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

/** Norm of the difference over the norm of the second. */
const distance = (ours: Params, theirs: Params): number => {
  const squared = normParams(ours) ** 2 - 2 * dotParams(ours, theirs) + normParams(theirs) ** 2;
  return Math.sqrt(Math.max(0, squared)) / normParams(theirs);
};

const auxiliaryWeight = 0.7;
const rate = 0.1;

/**
 * The gradient of the whole meta-objective in theta2, by one tape through labels, theta1's steps and regulariser. Without
 * look-ahead the objective is the primary loss's linear part at theta1.
 */
function oracle(
  { labels, ...composition }: Composition,
  inner: readonly Batch[],
  meta: Batch,
  lookAhead: boolean,
  learningRate: number,
): Params {
  const strategy = labels as LearnedLabels;
  const { network, objective, optimizer, state } = composition;
  const { theta1, theta2 } = state;
  const names = Object.keys(theta1.variables.params);
  const labelNames = Object.keys(theta2!.variables.params);
  const named = (keys: string[], values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(keys.map((key, i) => [key, values[i]!]));

  const primary = (params: Params): tf.Scalar => {
    const variables = { ...theta1.variables, params };
    return objective.applyPrimary(network.apply(variables, meta.inputs, theta1.mode, [heads.primary]), meta.primary);
  };
  const reached = names.filter((name) => !name.startsWith(heads.auxiliary));
  const slope = tf.tidy(() =>
    tf.grads((...values: tf.Tensor[]) => primary({ ...theta1.variables.params, ...named(reached, values) }))(
      reached.map((name) => theta1.variables.params[name]!),
    ),
  );
  const objectiveOf = (...weights: tf.Tensor[]): tf.Scalar => {
    const variables = { ...theta2!.variables, params: named(labelNames, weights) };
    const targets = inner.map((batch) => strategy.apply(variables, batch, theta2!.mode));
    let { params } = theta1.variables;
    let memory = theta1.optimizer;
    for (const [i, batch] of inner.entries()) {
      const loss = (...values: tf.Tensor[]): tf.Scalar => {
        const outputs = network.apply({ ...theta1.variables, params: named(names, values) }, batch.inputs, theta1.mode);
        const { primary, auxiliary } = objective.apply(outputs, batch.primary, { targets: targets[i]! });
        return tf.add(primary, tf.mul(auxiliary, auxiliaryWeight));
      };
      const gradients = named(names, tf.grads(loss)(names.map((name) => params[name]!)));
      ({ params, state: memory } = optimizer.update(params, gradients, memory, learningRate));
    }
    const objectiveAfter = lookAhead
      ? primary(params)
      : tf.addN(reached.map((name, i) => tf.sum(tf.mul(params[name]!, slope[i]!))));
    const { regulariser } = strategy;
    const terms = targets.map((labels) => tf.mul(regulariser.apply(labels), regulariser.weight / inner.length));
    return tf.addN([tf.mul(objectiveAfter, regulariser.metaScale ?? 1), ...terms]) as tf.Scalar;
  };
  const gradients = tf.tidy(() => tf.grads(objectiveOf)(Object.values(theta2!.variables.params)));
  tf.dispose(slope);
  return named(labelNames, gradients);
}

interface Situation {
  readonly trained: number;
  readonly steps?: number;
  readonly metaBatch?: string;
  readonly lookAhead?: boolean;
  readonly learningRate?: number;
}

/** A pipeline after some training steps, at the meta-step that follows. */
async function compare(
  changes: Record<string, StageSpec>,
  { trained, steps = 1, metaBatch = 'inner', lookAhead = true, learningRate = rate }: Situation,
  check: (gradient: (method: string) => Params, expected: Params) => void,
): Promise<void> {
  const before = tf.memory().numTensors;
  {
    using composition = await compose(
      await toyPipeline(
        {
          combiner: { use: 'sum', auxiliaryWeight },
          metaStep: {
            use: 'meta-gradient',
            method: steps > 1 ? 'unrolled' : 'exact',
            steps,
            metaBatch,
            optimizer: { use: 'adam', learningRate: 0.01 },
          },
          ...changes,
        },
        { samples: 40, batch: 7, heldOut: 9 },
      ),
    );
    const { dataset, random, state, metaStep } = composition;
    expect(isLearned(composition.labels)).toBe(true);
    const walk = new Walk(dataset, random, 'meta', 1);
    const [train] = passesOf(composition);
    const position = { epoch: 0, epochs: 1, pass: 'meta', step: 1 };
    using drawn = walk.at(0);
    for (let step = 1; step <= trained; step++) train!.step(state, drawn.batch, position, drawn.draw);

    const inner = Array.from({ length: steps }, (_, i) => (i === 0 ? drawn.batch : drawn.draw.ahead(i)));
    const meta = { inner: inner.at(-1)!, next: drawn.draw.ahead(steps), 'held-out': drawn.draw.heldOut() }[metaBatch]!;
    using expected = disposable(oracle(composition, inner, meta, lookAhead, learningRate));
    const made: Params[] = [];
    const gradient = (method: string): Params => {
      const params = metaStep.methods![method]!(state, drawn.batch, position, drawn.draw);
      made.push(params);
      return params;
    };
    expect(normParams(expected.params)).toBeGreaterThan(1e-8);
    check(gradient, expected.params);
    disposeParams(...made);
  }
  expect(tf.memory().numTensors).toBe(before);
}

const optimizers: [string, StageSpec][] = [
  ['sgd', { use: 'sgd', learningRate: rate }],
  ['sgd with momentum and decay', { use: 'sgd', learningRate: rate, momentum: 0.9, weightDecay: 0.01 }],
  ['sgd with nesterov', { use: 'sgd', learningRate: rate, momentum: 0.9, nesterov: true }],
  ['adam', { use: 'adam', learningRate: rate, epsilon: 0.1 }],
];
const models: [string, StageSpec][] = [
  ['mlp', { use: 'mlp', hidden: [6, 5], batchNorm: true }],
  ['conv4', { use: 'conv4', channels: 4, hidden: 8 }],
];
const cases = models.flatMap(([name, model]) =>
  optimizers.flatMap(([rule, optimizer]) => [0, 3].map((trained) => ({ name, model, rule, optimizer, trained }))),
);

describe('the exact meta-gradient', () => {
  it.each(cases)('$name, $rule, after $trained steps: is that of a tape through everything', (chosen) =>
    compare({ model: chosen.model, optimizer: chosen.optimizer }, chosen, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('double-backward'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('unrolled'), expected)).toBeLessThan(2e-3);
    }),
  );

  it('counts as much beside the regulariser as it is asked to', () =>
    compare({ auxiliary: { use: 'maxl', psi: [2, 1, 3], metaScale: 5 } }, { trained: 2 }, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
    }));

  it.each(['next', 'held-out'])('judges the look-ahead by the %s batch', (metaBatch) =>
    compare({}, { trained: 2, metaBatch }, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('double-backward'), expected)).toBeLessThan(2e-3);
    }),
  );
});

describe('the unrolled meta-gradient', () => {
  it.each(optimizers)('%s: goes back through three steps and what the optimizer remembers', (_, optimizer) =>
    compare(
      { model: { use: 'mlp', hidden: [6, 5], batchNorm: true }, optimizer },
      { trained: 2, steps: 3, metaBatch: 'next' },
      (gradient, expected) => {
        expect(distance(gradient('unrolled'), expected)).toBeLessThan(5e-3);
        expect(distance(gradient('double-backward'), expected)).toBeLessThan(5e-3);
      },
    ),
  );
});

describe('the approximate meta-gradients', () => {
  const plain = { model: { use: 'mlp', hidden: [12] }, optimizer: { use: 'sgd', learningRate: rate } };

  it('by finite differences come near the exact one, and keep the entropy term', () =>
    compare(plain, { trained: 2 }, (gradient, expected) => {
      expect(distance(gradient('finite-difference'), expected)).toBeLessThan(0.05);
    }));

  it.each(['inner', 'next'])('without look-ahead go by the primary gradient of the %s batch at theta1', (metaBatch) =>
    compare(plain, { trained: 2, metaBatch, lookAhead: false }, (gradient, expected) => {
      expect(distance(gradient('no-look-ahead'), expected)).toBeLessThan(1e-3);
      expect(distance(gradient('exact'), expected)).toBeGreaterThan(0.01);
    }),
  );
});

describe('a learning rate of 0', () => {
  it.each([1, 2])('leaves the regulariser alone, %s steps ahead, by every method', (steps) =>
    compare(
      { model: { use: 'mlp', hidden: [5] }, optimizer: { use: 'sgd', learningRate: 0, momentum: 0.9 } },
      { trained: 0, steps, learningRate: 0 },
      (gradient, expected) => {
        for (const method of ['unrolled', 'double-backward']) {
          expect(distance(gradient(method), expected)).toBeLessThan(1e-4);
        }
      },
    ),
  );
});
