import { describe, expect, it } from '@jest/globals';
import { disposable, disposeParams, dotParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, dryRun } from '../../core/pipeline/index.js';
import type { LearnedLabels } from '../../core/stages/index.js';
import { Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const distance = (ours: Params, theirs: Params): number => {
  const squared = normParams(ours) ** 2 - 2 * dotParams(ours, theirs) + normParams(theirs) ** 2;
  return Math.sqrt(Math.max(0, squared)) / normParams(theirs);
};
const knobs: readonly StageSpec[] = [
  { use: 'maxl', psi: [2, 1, 3] },
  { use: 'maxl', psi: [2, 1, 3], temperature: 0.3 },
  { use: 'maxl', psi: [2, 1, 3], entropyScope: 'per-primary', entropyWeight: 1 },
  { use: 'maxl', psi: [2, 1, 3], sampleEntropyWeight: 0.5, temperature: 2 },
  { use: 'maxl', psi: [2, 1, 3], labels: 'hard', entropyScope: 'per-primary', sampleEntropyWeight: 0.5 },
  { use: 'maxl', psi: [2, 1, 3], labels: 'hard', temperature: 0.5, metaScale: 3 },
];

/** A strategy at its first weights, with a batch of the toy images. */
async function at<T>(auxiliary: StageSpec, look: (strategy: LearnedLabels, ...at: At) => T): Promise<T> {
  using composition = await compose(await toyPipeline({ auxiliary }));
  const { labels, state, dataset, random } = composition;
  using drawn = new Walk(dataset, random, 'meta', 1).at(0);
  return look(labels as LearnedLabels, state.theta2!, drawn.batch);
}
type At = [theta2: Parameters<LearnedLabels['for']>[1] & object, batch: Parameters<LearnedLabels['for']>[0]];

describe.each(knobs)('%j', (auxiliary) => {
  it('has the labels of its tape, inside the blocks', () =>
    at(auxiliary, (strategy, { variables, mode }, batch) => {
      using point = strategy.linearize(variables, batch, mode);
      tf.tidy(() => {
        const onTape = strategy.apply(variables, batch, mode);
        expect(tf.max(tf.abs(tf.sub(point.targets, onTape))).dataSync()[0]).toBeLessThan(1e-5);
        tf.sum(point.targets, 1)
          .dataSync()
          .forEach((sum) => expect(sum).toBeCloseTo(1, 5));
        const values = new Set(point.targets.dataSync());
        expect([...values].every((share) => share === 0 || share === 1)).toBe(auxiliary['labels'] === 'hard');
      });
    }));

  it('pulls a cotangent and its regulariser back as the tape does, and leaves no tensor', () =>
    at(auxiliary, (strategy, { variables, mode }, batch) => {
      const before = tf.memory().numTensors;
      {
        const { regulariser } = strategy;
        const names = Object.keys(variables.params);
        using cotangent = tf.randomNormal<tf.Rank.R2>([batch.size, 6], 0, 1, 'float32', 5);
        using point = strategy.linearize(variables, batch, mode);
        using slope = regulariser.cotangent(point.targets);
        using total = tf.tidy(() => tf.add(cotangent, tf.mul(slope, regulariser.weight)));
        using ours = disposable(point.pullback(total));
        const objective = (...values: tf.Tensor[]): tf.Scalar => {
          const params = Object.fromEntries(names.map((name, i) => [name, values[i]!]));
          const labels = strategy.apply({ ...variables, params }, batch, mode);
          const term = tf.mul(regulariser.apply(labels), regulariser.weight);
          return tf.add(tf.sum(tf.mul(labels, cotangent)), term);
        };
        const gradients = tf.tidy(() => tf.grads(objective)(Object.values(variables.params)));
        const theirs = Object.fromEntries(names.map((name, i) => [name, gradients[i]!]));
        expect(distance(ours.params, theirs)).toBeLessThan(1e-3);
        disposeParams(theirs);
      }
      expect(tf.memory().numTensors).toBe(before);
    }));
});

describe('the knobs', () => {
  it('keep the entropy terms on the soft labels behind hard ones', async () => {
    const spec = { use: 'maxl', psi: [2, 1, 3], entropyScope: 'per-primary', sampleEntropyWeight: 0.5 };
    const [soft, hard] = await Promise.all(
      ['soft', 'hard'].map((labels) =>
        at({ ...spec, labels }, (strategy, { variables, mode }, batch) => {
          using point = strategy.linearize(variables, batch, mode);
          using value = strategy.regulariser.apply(point.targets);
          return value.dataSync()[0]!;
        }),
      ),
    );
    expect(hard).toBeCloseTo(soft!, 6);
  });

  it('give an exact meta-gradient together', async () => {
    const auxiliary = {
      use: 'maxl',
      psi: [2, 1, 3],
      temperature: 0.5,
      labels: 'hard',
      entropyScope: 'per-primary',
      sampleEntropyWeight: 0.1,
    };
    using composition = await compose(await toyPipeline({ auxiliary }));
    const { metaStep, state, dataset, random } = composition;
    using drawn = new Walk(dataset, random, 'meta', 1).at(0);
    const position = { epoch: 0, epochs: 1, pass: 'meta', step: 1 };
    const [exact, oracle] = ['exact', 'double-backward'].map((method) =>
      metaStep.methods![method]!(state, drawn.batch, position, drawn.draw),
    );
    expect(normParams(oracle!)).toBeGreaterThan(1e-6);
    expect(distance(exact!, oracle!)).toBeLessThan(2e-3);
    disposeParams(exact, oracle);
  });

  it.each([
    ['temperature=0', 'auxiliary.temperature'],
    ['sampleEntropyWeight=-1', 'auxiliary.sampleEntropyWeight'],
    ['labels=firm', 'auxiliary.labels'],
    ['entropyScope=batch', 'auxiliary.entropyScope'],
    ['metaScale=0', 'auxiliary.metaScale'],
  ])('refuse %s', async (setting, path) => {
    const [key, value] = setting.split('=') as [string, string];
    const number = Number(value);
    const auxiliary = { use: 'maxl', psi: 2, [key]: Number.isNaN(number) ? value : number };
    await expect(toyPipeline({ auxiliary })).rejects.toThrow(path);
  });

  it('take their steps in a run of their own', async () => {
    const { passes } = await dryRun(await toyPipeline({ auxiliary: knobs.at(-2)! }));
    expect(passes.map(({ name }) => name)).toEqual(['train', 'meta']);
  });
});
