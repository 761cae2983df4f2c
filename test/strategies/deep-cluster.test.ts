import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { evaluating, trunkOf } from '../../core/autodiff/index.js';
import type { StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import { compose, dryRun, passesOf, run } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const spec = (changes: Partial<StageSpec> = {}, epochs = 2) => ({
  auxiliary: { use: 'deep-cluster', psi: [2, 1, 3], ...changes },
  metaStep: { use: 'none' },
  model: { use: 'mlp', hidden: [8] },
  epochs,
});
const kept = ({ labels }: Composition) =>
  labels.snapshot!().values as { labels: number[]; madeIn: number; dueIn?: number };

/** One epoch of steps. */
async function train(composition: Composition, epoch: number): Promise<number[][]> {
  const { labels, dataset, random, state } = composition;
  await labels.epochStart!(epoch);
  const walk = new Walk(dataset, random, 'train', epoch);
  const [pass] = passesOf(composition);
  return Array.from({ length: walk.steps }, (_, place) => {
    using drawn = walk.at(place);
    pass!.step(state, drawn.batch, { epoch: epoch - 1, epochs: 9, pass: 'train', step: place + 1 }, drawn.draw);
    return kept(composition).labels;
  });
}

describe('deep-cluster', () => {
  it('clusters what the trunk makes of each primary class, by the weights of the moment', async () => {
    using composition = await compose(await toyPipeline(spec({ restarts: 5 })));
    const { labels, dataset, network, state, random } = composition;
    expect(labels.head).toEqual({ task: 'classification', outputs: 6, psi: [2, 1, 3] });
    await labels.epochStart!(1);
    using drawn = new Walk(dataset, random, 'train', 1).at(0);
    labels.for(drawn.batch, undefined, state.theta1)[Symbol.dispose]();

    const { labels: clusters } = kept(composition);
    const rows = tf.tidy(() => {
      using inputs = dataset.train.inputs(Int32Array.from({ length: 26 }, (_, n) => n));
      const features = network.features(state.theta1.variables, inputs, evaluating);
      return tf.div(features, tf.norm(features, 2, 1, true)).arraySync() as number[][];
    });
    const centre = (members: number[][]) =>
      members[0]!.map((_, i) => members.reduce((sum, row) => sum + row[i]!, 0) / members.length);
    const distance = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0);
    const centres = [0, 1, 2, 3, 4, 5].map((c) => centre(rows.filter((_, n) => clusters[n] === c)));
    const blocks = [[0, 1], [2], [3, 4, 5]];
    rows.forEach((row, n) => {
      const block = blocks[n % 3]!;
      expect(block).toContain(clusters[n]);
      for (const c of block)
        expect(distance(row, centres[clusters[n]!]!)).toBeLessThanOrEqual(distance(row, centres[c]!) + 1e-5);
    });
  });

  it('does so at the first step of each n-th epoch', async () => {
    using composition = await compose(await toyPipeline(spec({ every: 2 })));
    const random = kept(composition).labels;
    const epochs: number[][][] = [];
    for (const epoch of [1, 2, 3]) epochs.push(await train(composition, epoch));
    for (const steps of epochs) steps.forEach((labels) => expect(labels).toEqual(steps[0]));
    expect(epochs[0]![0]).not.toEqual(random);
    expect(epochs[1]![0]).toEqual(epochs[0]![0]);
    expect(kept(composition).madeIn).toBe(3);
  });

  it('keeps the numbers of the clusters: no renumbering inside the blocks leaves more samples their own', async () => {
    using composition = await compose(await toyPipeline(spec({ psi: 3 })));
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ];
    let [before] = await train(composition, 1);
    for (const epoch of [2, 3, 4, 5]) {
      const [now] = await train(composition, epoch);
      for (const block of [0, 1, 2]) {
        const kept = orders.map((order) =>
          now!.filter((label, n) => n % 3 === block && 3 * block + order[label - 3 * block]! === before![n]),
        );
        expect(kept[0]!.length).toBe(Math.max(...kept.map(({ length }) => length)));
      }
      before = now;
    }
  });

  it('takes all samples together where its scope is global', async () => {
    using composition = await compose(await toyPipeline(spec({ scope: 'global', psi: 2 })));
    expect(composition.labels.head).toEqual({ task: 'classification', outputs: 6 });
    const [labels] = await train(composition, 1);
    expect(new Set(labels).size).toBe(6);
  });

  it('gives one-hot labels of the clusters, and borrows the weights', async () => {
    using composition = await compose(await toyPipeline(spec()));
    const { labels, dataset, random, state } = composition;
    await labels.epochStart!(1);
    using drawn = new Walk(dataset, random, 'train', 1).at(0);
    const before = tf.memory().numTensors;
    {
      using made = labels.for(drawn.batch, undefined, state.theta1);
      expect(tf.memory().numTensors).toBe(before + 1);
      const classes = tf.tidy(() => [...tf.argMax(made.targets, 1).dataSync()]);
      expect(classes).toEqual([...drawn.batch.indices].map((n) => kept(composition).labels[n]));
    }
    expect(tf.memory().numTensors).toBe(before);
    expect(Object.values(trunkOf(state.theta1.variables.params)).every(({ isDisposed }) => !isDisposed)).toBe(true);
  });

  it('runs, the same for the same seed, and leaves nothing', async () => {
    const before = tf.memory().numTensors;
    const uses = async (seed: number) => {
      const events = await lastValueFrom(
        run(await toyPipeline({ ...spec(), seed }), { record: false }).pipe(toArray()),
      );
      return events.filter(isEvent('epoch:end')).map(({ metrics, labelUse }) => ({ metrics, labelUse }));
    };
    const first = await uses(3);
    expect(first[1]!.labelUse!.map(({ shares }) => shares.every((share) => share > 0))).toEqual([true, true, true]);
    expect(await uses(3)).toEqual(first);
    expect(await uses(4)).not.toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on from a snapshot, also between an epoch start and its first step', async () => {
    using whole = await compose(await toyPipeline(spec()));
    await train(whole, 1);
    await whole.labels.epochStart!(2);
    const { values } = whole.labels.snapshot!();
    using resumed = await compose(await toyPipeline(spec()));
    resumed.labels.restore!({ tensors: {}, values: JSON.parse(JSON.stringify(values)) as unknown });
    using drawn = new Walk(whole.dataset, whole.random, 'train', 2).at(0);
    const [ours, theirs] = [resumed, whole].map(({ labels }) => {
      labels.for(drawn.batch, undefined, whole.state.theta1)[Symbol.dispose]();
      return labels.snapshot!().values;
    });
    expect(ours).toEqual(theirs);
    expect(ours).toMatchObject({ madeIn: 2, dueIn: undefined });
    await resumed.labels.epochStart!(2);
    expect(resumed.labels.snapshot!().values).toEqual(ours);
  });

  it.each([{ labels: [1, 2, 3], madeIn: 1 }, { labels: Array<number>(26).fill(6), madeIn: 1 }, 'labels'])(
    'refuses the snapshot of another run: %j',
    async (values) => {
      using composition = await compose(await toyPipeline(spec()));
      expect(() => composition.labels.restore!({ tensors: {}, values })).toThrow(DataError);
    },
  );

  it('refuses more clusters than a class has samples, at validation, which makes no clusters', async () => {
    const pipeline = await toyPipeline(spec({ psi: [2, 1, 9] }));
    await expect(dryRun(pipeline)).rejects.toThrow(/class "bright" has 8 training samples, too few for 9 clusters/);
    await expect(dryRun(pipeline)).rejects.toBeInstanceOf(ConfigError);
    expect((await dryRun(await toyPipeline(spec()))).passes).toHaveLength(1);
  });
});
