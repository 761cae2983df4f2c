import { describe, expect, it } from '@jest/globals';
import type { StageSpec } from '../../core/config/index.js';
import { compare, distance, rate } from './tape.js';

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

  // Its convolutions go by minimal filtering, the tape's by TensorFlow.
  it('of 32 channels, is that of the tape', () =>
    compare({ model: { use: 'conv4', channels: 32, hidden: 8 } }, { trained: 2 }, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
    }));

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
