import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import type { StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import { compose, dryRun, run } from '../../core/pipeline/index.js';
import type { AuxiliaryLabels } from '../../core/stages/index.js';
import { layerErrors } from '../../core/testing/index.js';
import { Walk } from '../../core/training/index.js';
import { coding } from '../../plugins/autoencoder-kmeans/layers.js';
import { toyPipeline } from '../pipeline/toy.js';

const spec = (changes: Partial<StageSpec> = {}) => ({
  auxiliary: { use: 'autoencoder-kmeans', psi: [2, 1, 3], latent: 4, channels: 3, epochs: 2, batch: 10, ...changes },
  metaStep: { use: 'none' },
  epochs: 1,
});

/** The strategy of a composed pipeline, after preparing it. */
async function prepared<T>(changes: Partial<StageSpec>, seed: number, look: (strategy: AuxiliaryLabels) => T) {
  using composition = await compose(await toyPipeline({ ...spec(changes), seed }));
  const { labels } = composition;
  for await (const { fraction } of labels.prepare!()) expect(fraction).toBeGreaterThan(0);
  return look(labels);
}
const labelsOf = (strategy: AuxiliaryLabels): number[] => (strategy.snapshot!().values as { labels: number[] }).labels;

describe('autoencoder-kmeans', () => {
  it('trains in the stream: its loss falls, and the labels stay inside the blocks and use every cluster', async () => {
    const before = tf.memory().numTensors;
    const all = await lastValueFrom(run(await toyPipeline(spec({ epochs: 15 })), { record: false }).pipe(toArray()));
    expect(tf.memory().numTensors).toBe(before);
    const progress = all.filter(isEvent('prepare:progress'));
    expect(progress.at(-1)!.fraction).toBe(1);
    expect(progress.every(({ fraction }, i) => i === 0 || fraction > progress[i - 1]!.fraction)).toBe(true);
    const losses = progress.flatMap(({ metrics }) => metrics?.['reconstructionLoss'] ?? []);
    expect(losses).toHaveLength(15 * 3);
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.7);
    const { labelUse } = all.find(isEvent('epoch:end'))!;
    expect(labelUse!.map(({ shares }) => shares.filter((share) => share > 0).length)).toEqual([2, 1, 3]);
    labelUse!.forEach(({ shares }) => expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6));
    expect(all.at(-1)!.type).toBe('run:end');
  });

  it('is the same for the same seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([
      prepared({}, 3, labelsOf),
      prepared({}, 3, labelsOf),
      prepared({}, 4, labelsOf),
    ]);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('clusters all samples together where its scope is global, into as many classes and no blocks', async () => {
    await prepared({ scope: 'global', psi: 2 }, 3, (strategy) => {
      expect(strategy.head).toEqual({ task: 'classification', outputs: 6 });
      expect(new Set(labelsOf(strategy)).size).toBe(6);
    });
  });

  it('stops in the middle, and frees everything', async () => {
    const before = tf.memory().numTensors;
    const started = run(await toyPipeline(spec({ epochs: 1000 })), { record: false });
    await firstValueFrom(started.pipe(filter(isEvent('prepare:progress'))));
    await started.closed;
    expect(tf.memory().numTensors).toBe(before);
  });

  it('goes on from a snapshot without training again', async () => {
    const snapshot = JSON.parse(JSON.stringify(await prepared({}, 3, (strategy) => strategy.snapshot!()))) as {
      tensors: object;
      values: { labels: number[] };
    };
    using composition = await compose(await toyPipeline(spec()));
    const { labels, dataset, random } = composition;
    using drawn = new Walk(dataset, random, 'train', 1).at(0);
    expect(() => labels.for(drawn.batch, undefined)).toThrow('before prepare');
    labels.restore!({ tensors: {}, values: snapshot.values });
    expect([...(labels.prepare!() as Iterable<unknown>)]).toEqual([]);
    using made = labels.for(drawn.batch, undefined);
    const classes = tf.tidy(() => [...tf.argMax(made.targets, 1).dataSync()]);
    expect(classes).toEqual([...drawn.batch.indices].map((index) => snapshot.values.labels[index]));
  });

  it.each([{ labels: [1, 2, 3] }, { labels: Array<number>(26).fill(6) }, 'labels'])(
    'refuses the snapshot of another run: %j',
    async (values) => {
      using composition = await compose(await toyPipeline(spec()));
      expect(() => composition.labels.restore!({ tensors: {}, values })).toThrow(DataError);
    },
  );

  it('goes on before the first labels as if nothing had been kept', async () => {
    using composition = await compose(await toyPipeline(spec()));
    const { labels } = composition;
    labels.restore!({ tensors: {}, values: JSON.parse(JSON.stringify(labels.snapshot!().values)) as unknown });
    expect([...(labels.prepare!() as Iterable<unknown>)].length).toBeGreaterThan(6);
  });

  it('refuses more clusters than a class has samples, at validation', async () => {
    const pipeline = await toyPipeline(spec({ psi: [2, 1, 9] }));
    await expect(dryRun(pipeline)).rejects.toThrow(
      'auxiliary.psi: class "bright" has 8 training samples, too few for 9 clusters',
    );
    await expect(dryRun(pipeline)).rejects.toBeInstanceOf(ConfigError);
    await expect(dryRun(await toyPipeline(spec({ scope: 'global', psi: 9 })))).rejects.toThrow(/toy has 26 .* for 27/);
  });

  it('is valid as it stands: its step waits for the labels', async () => {
    expect((await dryRun(await toyPipeline(spec()))).passes).toEqual([]);
  });

  it('fails the run, and says where, when the loss is lost', async () => {
    const optimizer = { use: 'sgd', learningRate: 1e30 };
    const failed = lastValueFrom(run(await toyPipeline(spec({ optimizer })), { record: false }));
    await expect(failed).rejects.toThrow(/the reconstruction loss is .* at epoch 1, step \d of the autoencoder pass/);
  });
});

describe('its layers', () => {
  it.each([
    [[7, 5, 2], 'images of odd sides'],
    [[8, 8, 1], 'images'],
    [[6], 'flat inputs'],
    [[3, 4], 'inputs of two dimensions'],
  ])('%j, %s: restore the shape, and are differentiated right', (shape) => {
    const { encoder, decoder } = coding(shape, { latent: 3, channels: 2, hidden: 5 });
    expect(encoder.outputShape(shape)).toEqual([3]);
    expect(decoder.outputShape([3])).toEqual(shape);
    const errors = layerErrors(decoder, [3]);
    expect(errors.output).toBeLessThan(1e-5);
    expect(errors.pullback).toBeLessThan(1e-4);
    expect(errors.leaked).toBe(0);
  });
});
