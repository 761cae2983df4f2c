import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { loadPipeline } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, run } from '../../core/pipeline/index.js';
import { report, sectionsOf, type LabelledRun } from '../../core/report/index.js';
import { labelTable, openRun } from '../../core/trained/index.js';
import { batches } from '../../core/training/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { toyPipeline, toyPlugin } from '../pipeline/toy.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const strategies: Readonly<Record<string, object>> = {
  'autoencoder-kmeans': { psi: 2, latent: 2, channels: 2, epochs: 1 },
  'random-labels': { psi: 2 },
  'deep-cluster': { psi: 2 },
  'uniform-labels': { psi: 2 },
  rotation: {},
};
beforeAll(async () => {
  for (const [use, keys] of Object.entries(strategies)) {
    const changes = { name: use, auxiliary: { use, ...keys }, metaStep: { use: 'none' }, epochs: 2 };
    await lastValueFrom(run(await toyPipeline({ ...changes, runs: join(folder.path, 'runs') })));
  }
}, 120_000);

const load = (file: string) => loadPipeline(file, { plugins: [...builtIn, toyPlugin()], defaults });
const made = (path: string) => report([path], { cwd: folder.path, load });

describe('fixed labels of a finished run', () => {
  it('are those of its training samples', async () => {
    const read = await made('runs');
    expect(read.notes).toEqual([]);
    expect(read.labelled.map(({ run: { start }, labelling: { split } }) => [start.strategy, split])).toEqual([
      ['autoencoder-kmeans', 'train'],
      ['deep-cluster', 'train'],
      ['random-labels', 'train'],
    ]);
    for (const { labelling } of read.labelled) {
      const { primary, assigned, blocks, gallery, untrained, features } = labelling;
      expect([primary.length, assigned.length, gallery!.length, untrained, features]).toEqual([
        26,
        26,
        6,
        undefined,
        undefined,
      ]);
      for (const [i, k] of assigned.entries()) expect(blocks[primary[i]!]!.start).toBe(2 * Math.floor(k / 2));
      for (const { auxiliaryClass, images } of gallery!) {
        const own = assigned.filter((k) => k === auxiliaryClass).length;
        expect(images.map(({ assignment }) => assignment)).toEqual(Array(Math.min(8, own)).fill(1));
      }
    }
    expect(sectionsOf(read).map(({ id }) => id)).toEqual(expect.arrayContaining(['label-use', 'gallery']));
  });

  it("are random ones of the run's own seed", async () => {
    const [{ labelling }] = (await made('runs/random-labels')).labelled as unknown as [
      { labelling: { assigned: Int32Array } },
    ];
    using composition = await compose(await load(join(folder.path, 'runs/random-labels/001/config.yaml')));
    const { dataset, labels, state } = composition;
    const [batch] = batches(dataset, dataset.train, { batch: 26 });
    using whole = batch!;
    using targets = labels.for(whole, state.theta2);
    using classes = tf.argMax(targets.targets, 1);
    expect([...labelling.assigned]).toEqual([...classes.dataSync()]);
  });

  it('are those that `auxflow labels` lists, also after a run has gone on', async () => {
    const agree = async (use: string): Promise<readonly number[]> => {
      const [{ labelling }] = (await made(`runs/${use}`)).labelled as [LabelledRun];
      using opened = await openRun(`${use}/001`, { cwd: folder.path, load });
      const { auxiliary } = await labelTable(opened);
      expect(auxiliary).toEqual(labelling.assigned);
      return [...auxiliary];
    };
    await agree('autoencoder-kmeans');
    const before = await agree('deep-cluster');
    const directory = join(folder.path, 'runs/deep-cluster/001');
    const longer = { ...(await load(join(directory, 'config.yaml'))), epochs: 5 };
    await lastValueFrom(run(longer, { resume: directory }));
    expect(await agree('deep-cluster')).not.toEqual(before);
  });

  it('are made again without a checkpoint, the same ones, where they are made before the first epoch', async () => {
    const copy = 'copy/autoencoder-kmeans';
    cpSync(join(folder.path, 'runs/autoencoder-kmeans'), join(folder.path, copy), { recursive: true });
    rmSync(join(folder.path, copy, '001/checkpoints'), { recursive: true });
    const [kept, again] = [await made('runs/autoencoder-kmeans'), await made(copy)];
    expect(again.notes).toEqual([]);
    expect(again.labelled[0]!.labelling.assigned).toEqual(kept.labelled[0]!.labelling.assigned);
  });

  it('are missing, with a note, where they changed from epoch to epoch and no checkpoint keeps them', async () => {
    const copy = 'copy/deep-cluster';
    cpSync(join(folder.path, 'runs/deep-cluster'), join(folder.path, copy), { recursive: true });
    rmSync(join(folder.path, copy, '001/checkpoints'), { recursive: true });
    expect(await made(copy)).toMatchObject({
      labelled: [],
      notes: [
        expect.stringMatching(
          /^copy\/deep-cluster\/001 has no gallery.*change in training, and no checkpoint keeps them$/,
        ),
      ],
    });
  });

  it('leak no tensors', async () => {
    await made('runs');
    const before = tf.memory().numTensors;
    await made('runs');
    expect(tf.memory().numTensors).toBe(before);
  });
});
