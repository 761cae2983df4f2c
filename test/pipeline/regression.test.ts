import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { evaluating } from '../../core/autodiff/index.js';
import type { PipelineSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { compose, dryRun, run } from '../../core/pipeline/index.js';
import { batches, evaluateBatch, heads, scored, addTallied } from '../../core/training/index.js';
import { toyPipeline } from './toy.js';

const single: PipelineSpec = { auxiliary: { use: 'single-task' }, metaStep: { use: 'none' } };
const maxl: PipelineSpec = { auxiliary: { use: 'maxl', psi: 3 } };
const numbers = (changes: PipelineSpec) =>
  toyPipeline(
    { loss: { use: 'mean-squared-error' }, optimizer: { use: 'sgd', learningRate: 0.02 }, ...changes },
    { regression: true },
  );

async function finished(changes: PipelineSpec) {
  const all = await lastValueFrom(run(await numbers(changes), { record: false }).pipe(toArray<RunEvent>()));
  return { all, summary: all.find(isEvent('run:end'))!.summary };
}

describe('a regression', () => {
  it.each([single, maxl])('is scored by R2 and RMSE wherever a classification is by accuracy: %o', async (changes) => {
    const before = tf.memory().numTensors;
    const { all, summary } = await finished({
      ...changes,
      epochs: 6,
      evaluation: { select: 'validation', lastEpochs: 2 },
    });
    expect(tf.memory().numTensors).toBe(before);
    expect(JSON.stringify(all.filter(({ type }) => type !== 'run:start'))).not.toContain('ccuracy');

    const tests = all.filter(isEvent('evaluate:end')).filter(({ split }) => split === 'test');
    expect(summary.lastEpochs!.meanR2).toBeCloseTo((tests[0]!.primaryR2! + tests[1]!.primaryR2!) / 2, 12);
    const validation = all.filter(isEvent('epoch:end')).map(({ metrics }) => metrics.validationR2!);
    expect(summary.selected!.epoch).toBe(validation.indexOf(Math.max(...validation)) + 1);
    const { primaryR2, primaryRmse, primaryLoss } = summary.test;
    expect(primaryR2).toBeLessThan(1);
    expect(primaryRmse).toBeCloseTo(5 * Math.sqrt(primaryLoss), 4);
    const { metrics } = all.filter(isEvent('epoch:end')).at(-1)!;
    expect(metrics.primaryR2).toBeCloseTo(1 - metrics.primaryLoss, 5);
    expect(metrics.primaryR2).toBeGreaterThan(all.find(isEvent('epoch:end'))!.metrics.primaryR2!);
  });

  it('has R2 of the whole split, however it is cut into batches', async () => {
    using composition = await compose(await numbers(single));
    const { dataset, network, objective, state } = composition;
    const { variables } = state.theta1;
    const score = (batch: number) => {
      const parts = [...batches(dataset, dataset.test, { batch })].map((drawn) => {
        using owned = drawn;
        return evaluateBatch(network, variables, objective, owned);
      });
      return scored(dataset, parts.reduce(addTallied));
    };
    const truth = [...dataset.test.targets!];
    const predicted = tf.tidy(() => {
      const inputs = dataset.test.inputs(Int32Array.from(truth.keys()));
      return [...network.apply(variables, inputs, evaluating, [heads.primary])[heads.primary]!.dataSync()];
    });
    const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
    const mean = sum(truth) / truth.length;
    const expected = 1 - sum(truth.map((t, n) => (t - predicted[n]!) ** 2)) / sum(truth.map((t) => (t - mean) ** 2));
    for (const batch of [1, 7, 31]) expect(score(batch).primaryR2).toBeCloseTo(expected, 4);
  });

  it('has labels in one block', async () => {
    const { summary } = await finished(maxl);
    expect(summary.labelUse).toHaveLength(1);
    const [use] = summary.labelUse!;
    expect(use).toMatchObject({ primaryClass: 'primary', samples: 26 });
    expect(use!.shares).toHaveLength(3);
    expect(use!.shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  });

  it.each([
    { use: 'random-labels', psi: 3 },
    { use: 'uniform-labels', psi: [4] },
    { use: 'autoencoder-kmeans', psi: 3, epochs: 1 },
    { use: 'deep-cluster', psi: 2 },
    { use: 'weighted-maxl', psi: 2 },
    { use: 'rotation' },
  ])('goes with %o', async (auxiliary) => {
    const { summary } = await finished({ auxiliary, epochs: 1 });
    expect(Number.isFinite(summary.test.primaryR2)).toBe(true);
    expect(summary.metrics.auxiliaryLoss).toBeGreaterThan(0);
  });

  it.each([
    [
      { auxiliary: { use: 'maxl', psi: [2, 3] } },
      'auxiliary.psi: psi lists 2 numbers, but the labels of a regression are one block',
    ],
    [{ auxiliary: { use: 'human-hierarchy' } }, 'auxiliary.level: toy names no fine level'],
    [
      { loss: { use: 'cross-entropy' } },
      'loss.use: this is a loss for classification, but the primary task of toy predicts the number "primary"',
    ],
    [{ loss: { use: 'focal' } }, 'loss.use: this is a loss for classification'],
    [
      { auxiliaryLoss: { use: 'mean-squared-error' } },
      'auxiliaryLoss.use: this is a loss for regression, but the auxiliary task is a classification',
    ],
  ])('refuses %j', async (changes, message) => {
    const before = tf.memory().numTensors;
    const refused = dryRun(await numbers({ ...maxl, ...changes }));
    await expect(refused).rejects.toThrow(ConfigError);
    await expect(refused).rejects.toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is the only one for its loss', async () => {
    const refused = dryRun(await toyPipeline({ loss: { use: 'mean-squared-error' } }));
    await expect(refused).rejects.toThrow(
      'loss.use: this is a loss for regression, but the primary task of toy tells the classes of level "primary"',
    );
  });
});
