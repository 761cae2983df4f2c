import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { lastValueFrom } from 'rxjs';
import { readSafetensors, writeSafetensors } from '../../core/checkpoint/index.js';
import { loadPipeline } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { run } from '../../core/pipeline/index.js';
import { figureFiles, page, report, sectionsOf, type LabelledRun } from '../../core/report/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { toyPipeline, toyPlugin } from '../pipeline/toy.js';
import { elements } from './elements.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const directory = join(folder.path, 'runs/toy/001');
beforeAll(async () => {
  await lastValueFrom(run(await toyPipeline({ runs: join(folder.path, 'runs') })));
});

const load = (file: string) => loadPipeline(file, { plugins: [...builtIn, toyPlugin()], defaults });
const made = (path = directory, using = load) => report([path], { cwd: folder.path, load: using });

describe('learned labels of a finished run', () => {
  it('are made anew from its pipeline and its weights', async () => {
    const { labelled, maps, notes } = await made();
    expect(notes).toEqual([]);
    const [{ labelling }] = labelled as [LabelledRun];
    const { assigned, blocks, gallery, human, split, training } = labelling;
    expect([split, assigned.length, training!.split, training!.assigned.length]).toEqual(['test', 31, 'train', 26]);
    expect(blocks).toEqual([
      { name: 'dark', start: 0, size: 2 },
      { name: 'grey', start: 2, size: 1 },
      { name: 'bright', start: 3, size: 3 },
    ]);
    for (const sorted of [labelling, training!]) {
      for (const [i, k] of sorted.assigned.entries()) {
        const { start, size } = blocks[sorted.primary[i]!]!;
        expect(k >= start && k < start + size).toBe(true);
      }
    }
    expect(human).toBeUndefined();
    expect(gallery).toHaveLength(6);
    for (const { images } of gallery!) {
      const assignments = images.map(({ assignment }) => assignment);
      expect(assignments).toEqual([...assignments].sort((a, b) => b - a));
      expect(images.length).toBe(8);
    }
    for (const { assignment, caption } of gallery![2]!.images) {
      expect(assignment).toBeCloseTo(1, 6);
      expect(caption).toBe('grey');
    }
    expect(maps[0]!.points).toHaveLength(31);
    expect(maps[0]!.points.flat().every(Number.isFinite)).toBe(true);
  });

  it('are those of the trained weights', async () => {
    const copy = join(folder.path, 'biased/001');
    cpSync(directory, copy, { recursive: true });
    const file = join(copy, 'weights/theta2.safetensors');
    const { tensors } = await readSafetensors(file);
    // Nothing but a bias towards the second class of "dark" and the third of "bright".
    const biased = Object.entries(tensors).map(([name, tensor]): [string, tf.Tensor] => {
      const towards = name.startsWith('labels/') && tensor.shape.join() === '6';
      return [name, towards ? tf.tensor1d([0, 5, 0, 0, 0, 5]) : tf.zerosLike(tensor)];
    });
    await writeSafetensors(file, Object.fromEntries(biased));
    const [{ labelling }] = (await made(copy)).labelled as [LabelledRun];
    expect([...new Set(labelling.assigned)].sort()).toEqual([1, 2, 5]);
    expect(labelling.untrained).not.toEqual(labelling.assigned);
    tf.dispose([tensors, Object.fromEntries(biased)]);
  });

  it('fill the gallery and the map, the same ones every time', async () => {
    const texts = [];
    for (let time = 0; time < 2; time++) {
      const read = await made();
      const sections = sectionsOf(read);
      texts.push([page(read, sections), ...figureFiles(sections).values()]);
    }
    expect(texts[1]).toEqual(texts[0]);
    const images = elements(texts[0]![0]!).filter(({ name }) => name === 'image');
    expect(images).toHaveLength(6 * 8);
    for (const { attributes } of images) {
      expect(attributes['href']).toMatch(/^data:image\/png;base64,/);
      expect(['dark', 'grey', 'bright']).toContain(attributes['aria-label']);
    }
  });

  it('leak no tensors', async () => {
    await made();
    const before = tf.memory().numTensors;
    await made();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('are missing, with a note, where the data or the weights are', async () => {
    const copy = join(folder.path, 'copy/001');
    cpSync(directory, copy, { recursive: true });
    const withoutPlugin = (file: string) => loadPipeline(file, { plugins: builtIn, defaults });
    const lost = await made(copy, withoutPlugin);
    expect(lost.labelled).toEqual([]);
    expect(lost.notes).toEqual([expect.stringMatching(/^copy\/001 has no gallery.*"toy"/s)]);
    const sections = sectionsOf(lost);
    expect(sections.map(({ id }) => id)).toEqual(['result', 'curves', 'usefulness', 'label-use', 'runs']);
    expect(page(lost, sections)).toContain('has no gallery');

    cpSync(join(copy, 'weights/theta1.safetensors'), join(copy, 'weights/theta2.safetensors'));
    expect((await made(copy)).notes).toEqual([
      expect.stringMatching(
        /: weights\/theta2\.safetensors doesn't fit the run's own pipeline: ".+" (\[.*\] is missing|is \[)/,
      ),
    ]);
    rmSync(join(copy, 'weights'), { recursive: true });
    expect(await made(copy)).toMatchObject({
      labelled: [],
      notes: ['copy/001 has no gallery, agreement and map of its labels: there is no weights/theta2.safetensors'],
    });
  });
});
