import { describe, expect, it } from '@jest/globals';
import type { Params } from '../../core/autodiff/index.js';
import { evaluating, training } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, passesOf } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { isLearned } from '../../core/stages/index.js';
import type { Batch } from '../../core/stages/index.js';
import { addTallied, batches, evaluateBatch, gradientCosine, Walk } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const values = (params: Params): Record<string, number[]> =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
const snapshot = ({ variables, optimizer }: Learner) => ({
  params: values(variables.params),
  state: values(variables.state),
  count: optimizer.count,
});

const first = ({ dataset, random }: Composition) => new Walk(dataset, random, 'train', 1).at(0);

describe('one step', () => {
  it('of training moves theta1 and its running statistics once, and leaves theta2 alone', async () => {
    using composition = await compose(await toyPipeline());
    const { state, network } = composition;
    using drawn = first(composition);
    const { batch } = drawn;
    const [before, theta2] = [snapshot(state.theta1), snapshot(state.theta2!)];
    using point = network.linearize(state.theta1.variables, batch.inputs, training());
    const update = values(point.stateUpdate);
    passesOf(composition)[0]!.step(state, batch, { epoch: 0, epochs: 1, pass: 'train', step: 1 }, drawn.draw);
    const after = snapshot(state.theta1);
    expect(after.state).toEqual(update);
    expect(after.state).not.toEqual(before.state);
    expect(after.params).not.toEqual(before.params);
    expect(after.count).toBe(1);
    expect(snapshot(state.theta2!)).toEqual(theta2);
  });

  it('of the meta pass moves theta2 and its running statistics once, and leaves theta1 alone', async () => {
    using composition = await compose(await toyPipeline());
    const { state, labels } = composition;
    if (!isLearned(labels)) throw new Error('maxl learns');
    using drawn = first(composition);
    const { batch } = drawn;
    const [theta1, before] = [snapshot(state.theta1), snapshot(state.theta2!)];
    using point = labels.linearize(state.theta2!.variables, batch, training());
    const update = values(point.stateUpdate);
    passesOf(composition)[1]!.step(state, batch, { epoch: 0, epochs: 1, pass: 'meta', step: 1 }, drawn.draw);
    const after = snapshot(state.theta2!);
    expect(after.state).toEqual(update);
    expect(after.state).not.toEqual(before.state);
    expect(after.params).not.toEqual(before.params);
    expect(after.count).toBe(1);
    expect(snapshot(state.theta1)).toEqual(theta1);
  });

  it('of constant size holds the number of tensors', async () => {
    using composition = await compose(await toyPipeline());
    const { state } = composition;
    using drawn = first(composition);
    const passes = passesOf(composition);
    const counts = Array.from({ length: 4 }, (_, i) => {
      for (const { name, step } of passes)
        step(state, drawn.batch, { epoch: 0, epochs: 1, pass: name, step: i + 1 }, drawn.draw);
      return tf.memory().numTensors;
    });
    expect(new Set(counts).size).toBe(1);
  });
});

describe('evaluation', () => {
  it('uses running statistics: a batch scores the same as its samples one by one, and as the plain function', async () => {
    using composition = await compose(await toyPipeline());
    const { state, dataset, network, objective } = composition;
    const score = (batch: number) =>
      [...batches(dataset, dataset.test, { batch })].map((drawn) => {
        using owned = drawn;
        return evaluateBatch(network, state.theta1.variables, objective, owned);
      });
    const [whole] = score(31);
    const single = score(1).reduce(addTallied);
    expect(single.samples).toBe(31);
    expect(single.loss).toBeCloseTo(whole!.loss, 4);
    expect(single.sums).toEqual(whole!.sums);
    const plain = tf.tidy(() => {
      const [batch] = batches(dataset, dataset.test, { batch: 31 }) as unknown as [Batch];
      const outputs = network.apply(state.theta1.variables, batch.inputs, evaluating);
      return objective.applyPrimary(outputs, batch.primary).dataSync()[0]! * 31;
    });
    expect(whole!.loss).toBeCloseTo(plain, 3);
  });
});

describe('gradient cosine', () => {
  it('is over the shared trunk alone', () => {
    tf.tidy(() => {
      const primary = { 'trunk/a': tf.tensor1d([1, 0]), 'trunk/b': tf.tensor1d([1]), 'primary/x': tf.tensor1d([9]) };
      const auxiliary = { 'trunk/a': tf.tensor1d([1, 1]), 'trunk/b': tf.tensor1d([0]), 'primary/x': tf.tensor1d([9]) };
      expect(gradientCosine(primary, auxiliary)).toBeCloseTo(0.5, 6);
      expect(gradientCosine(primary, { 'trunk/a': tf.zeros([2]) })).toBe(0);
    });
  });
});
