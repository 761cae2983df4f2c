import { describe, expect, it } from '@jest/globals';
import { dotParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, passesOf } from '../../core/pipeline/index.js';
import type { LearnedLabels } from '../../core/stages/index.js';
import { heads, Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';
import { smooth } from './smooth.js';
import { compare, distance, rate } from './tape.js';

const auxiliary = { use: 'maxl', psi: 4 };
const loss = { use: 'mean-squared-error' };

describe('with mean squared error as the primary loss the exact meta-gradient', () => {
  it.each([
    [
      { use: 'mlp', hidden: [6, 5], batchNorm: true },
      { use: 'sgd', learningRate: rate },
    ],
    [
      { use: 'mlp', hidden: [6, 5], batchNorm: true },
      { use: 'adam', learningRate: rate, epsilon: 0.1 },
    ],
    [
      { use: 'conv4', channels: 4, hidden: 8 },
      { use: 'sgd', learningRate: rate, momentum: 0.9 },
    ],
  ])('is that of a tape through everything: %o, %o', (model, optimizer) =>
    compare({ model, optimizer, auxiliary, loss }, { trained: 2, regression: true }, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('double-backward'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('unrolled'), expected)).toBeLessThan(2e-3);
    }),
  );

  it('goes through three steps ahead', () =>
    compare(
      { model: { use: 'smooth' }, optimizer: { use: 'sgd', learningRate: rate }, auxiliary, loss },
      { trained: 2, steps: 3, metaBatch: 'next', regression: true },
      (gradient, expected) => expect(distance(gradient('unrolled'), expected)).toBeLessThan(5e-3),
    ));

  it('is what central differences of the primary loss after the step find on a smooth network', async () => {
    const before = tf.memory().numTensors;
    {
      const learningRate = 1;
      using composition = await compose(
        await toyPipeline(
          {
            model: { use: 'smooth' },
            loss,
            optimizer: { use: 'sgd', learningRate },
            auxiliary: { ...auxiliary, entropyWeight: 0 },
          },
          { samples: 40, batch: 20, regression: true, plugins: [smooth] },
        ),
      );
      const { dataset, random, state, metaStep, network, objective, optimizer } = composition;
      const labels = composition.labels as LearnedLabels;
      const { theta1, theta2 } = state;
      using drawn = new Walk(dataset, random, 'meta', 1).at(0);
      const { batch, draw } = drawn;
      const position = { epoch: 0, epochs: 1, pass: 'meta', step: 1 };
      const [train] = passesOf(composition);
      for (let step = 0; step < 3; step++) train!.step(state, batch, position, draw);

      /** The primary loss after a step on the labels of other weights. */
      const after = (params: Params): number =>
        tf.tidy(() => {
          const targets = labels.apply({ ...theta2!.variables, params }, batch, theta2!.mode);
          const names = Object.keys(theta1.variables.params);
          const at = (values: readonly tf.Tensor[]) => ({
            ...theta1.variables,
            params: Object.fromEntries(names.map((name, i) => [name, values[i]!])),
          });
          const slopes = tf.grads((...values: tf.Tensor[]) => {
            const both = objective.apply(network.apply(at(values), batch.inputs, theta1.mode), batch.primary, {
              targets,
            });
            return tf.add(both.primary, both.auxiliary);
          })(names.map((name) => theta1.variables.params[name]!));
          const gradients = Object.fromEntries(names.map((name, i) => [name, slopes[i]!]));
          const moved = optimizer.update(theta1.variables.params, gradients, theta1.optimizer, learningRate).params;
          const outputs = network.apply({ ...theta1.variables, params: moved }, batch.inputs, theta1.mode, [
            heads.primary,
          ]);
          return objective.applyPrimary(outputs, batch.primary).dataSync()[0]!;
        });
      const gradient = metaStep.methods!['exact']!(state, batch, position, draw);
      const length = normParams(gradient);
      const step = 0.05 / length;
      const along = (by: number): number =>
        tf.tidy(() =>
          after(
            Object.fromEntries(
              Object.entries(theta2!.variables.params).map(([name, value]) => [
                name,
                tf.add(value, tf.mul(gradient[name]!, by)),
              ]),
            ),
          ),
        );
      const slope = (along(step) - along(-step)) / (2 * step);
      expect(dotParams(gradient, gradient) / slope).toBeCloseTo(1, 1.5);
      expect(length).toBeGreaterThan(1e-4);
      tf.dispose(Object.values(gradient));
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
