import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { isEvent } from '../../core/events/index.js';
import type { LabelUse } from '../../core/events/index.js';
import { compose, run } from '../../core/pipeline/index.js';
import { LabelWatch } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const use = (primaryClass: string, effectiveClasses: number, sharpness: number, size = 4): LabelUse => ({
  primaryClass,
  samples: 10,
  shares: Array<number>(size).fill(1 / size),
  effectiveClasses,
  sampleEntropy: 1 - sharpness,
  sharpness,
});
const sharp = use('a', 4, 0.5);
const dull = use('a', 4, 0.01);
const collapsed = use('a', 1.01, 0);

async function watch(auxiliary: Record<string, unknown> = { psi: 4 }, strategy = 'maxl'): Promise<LabelWatch> {
  using composition = await compose(await toyPipeline({ auxiliary: { use: strategy, ...auxiliary } }));
  return new LabelWatch(composition.labels);
}
const codes = (watched: LabelWatch, epochs: readonly (readonly LabelUse[])[]): string[][] =>
  epochs.map((uses) => watched.see(uses).map(({ code }) => code));

describe('a label watch', () => {
  it('warns of collapse at once, and once', async () => {
    const watched = await watch();
    expect(codes(watched, [[sharp], [collapsed], [collapsed], [sharp], [collapsed]])).toEqual([
      [],
      ['labels/collapsed'],
      [],
      [],
      [],
    ]);
  });

  it('warns of labels that stay the same for all samples, three epochs in a row', async () => {
    expect(codes(await watch(), [[dull], [dull], [dull], [dull]])).toEqual([[], [], ['labels/uniform'], []]);
    expect(codes(await watch(), [[dull], [dull], [sharp], [dull], [dull]]).flat()).toEqual([]);
  });

  it('does not call collapsed labels uniform, nor blocks of one class or without samples either', async () => {
    const single = use('b', 1, 0, 1);
    const absent = { ...collapsed, samples: 0 };
    expect(codes(await watch(), Array<LabelUse[]>(5).fill([single, absent])).flat()).toEqual([]);
    expect(codes(await watch(), Array<LabelUse[]>(5).fill([collapsed])).flat()).toEqual(['labels/collapsed']);
  });

  it('names the classes and, in the words of the strategy, what to turn', async () => {
    const watched = await watch({ psi: 4, entropyWeight: 0, temperature: 0.25 });
    const [warning] = watched.see(['a', 'b', 'c', 'd', 'e'].map((name) => use(name, 1.04, 0)));
    expect(warning!.message).toBe(
      'the auxiliary labels have collapsed in "a" (1.04 of 4 classes in use), "b" (1.04 of 4 classes in use), ' +
        '"c" (1.04 of 4 classes in use) and 2 more',
    );
    expect(warning!.hint).toMatch(/raise auxiliary\.entropyWeight \(0\) or auxiliary\.temperature \(0\.25\)/);
  });

  it('warns of classes of which fewer than half are in use, three epochs in a row, each by itself', async () => {
    const narrow = (primaryClass: string) => use(primaryClass, 1.9, 0.3);
    const both = [narrow('a'), narrow('b')];
    expect(codes(await watch(), [both, both, both, both])).toEqual([[], [], ['labels/narrow'], []]);
    // Never the same one three times in a row.
    const turns = [[narrow('a')], both, [sharp, narrow('b')], [narrow('a'), use('b', 2, 0.3)], both, [narrow('b')]];
    expect(codes(await watch(), turns).flat()).toEqual([]);
    // Half of them is enough, and what has collapsed is told by another name.
    expect(codes(await watch(), Array<LabelUse[]>(5).fill([use('a', 2, 0.3)])).flat()).toEqual([]);
    expect(codes(await watch(), Array<LabelUse[]>(5).fill([collapsed])).flat()).toEqual(['labels/collapsed']);

    const watched = await watch({ psi: 4, entropyWeight: 0.1 });
    const [warning] = [both, both, both].flatMap((uses) => watched.see(uses));
    expect(warning!.message).toBe(
      'fewer than half of the auxiliary classes are in use in "a" (1.90 of 4 classes in use), ' +
        '"b" (1.90 of 4 classes in use), 3 epochs in a row',
    );
    expect(warning!.hint).toMatch(/raise auxiliary\.entropyWeight \(0\.1\)/);
  });

  it('goes on from where it was saved, also by an earlier version', async () => {
    const narrow = [use('a', 1.9, 0.3)];
    const before = await watch();
    expect(codes(before, [narrow, narrow]).flat()).toEqual([]);
    const after = await watch();
    after.restore(JSON.parse(JSON.stringify(before.snapshot())));
    expect(codes(after, [narrow, narrow])).toEqual([['labels/narrow'], []]);
    const old = await watch();
    old.restore({ said: [], dullEpochs: 2 });
    expect(codes(old, [narrow, [dull]]).flat()).toEqual([]);
  });

  it('has nothing to say of labels that nobody learns', async () => {
    const watched = await watch({ psi: 4 }, 'uniform-labels');
    expect(codes(watched, Array<LabelUse[]>(5).fill([dull, collapsed])).flat()).toEqual([]);
  });
});

describe('a run', () => {
  const events = async (auxiliary: Record<string, unknown>) => {
    const pipeline = await toyPipeline({
      auxiliary: { use: 'maxl', psi: 3, ...auxiliary },
      metaStep: { use: 'meta-gradient', optimizer: { use: 'sgd', learningRate: 0 } },
      epochs: 4,
    });
    return lastValueFrom(run(pipeline, { record: false }).pipe(toArray()));
  };

  it('warns after the third epoch of uniform labels, and goes on', async () => {
    const all = await events({ temperature: 1000 });
    const warnings = all.filter(isEvent('warning'));
    expect(warnings.map(({ code }) => code)).toEqual(['labels/uniform']);
    expect(all[warnings[0]!.sequence - 1]).toMatchObject({ type: 'epoch:end', epoch: 3 });
    expect(all.at(-1)!.type).toBe('run:end');
    const { metrics, labelUse } = all.filter(isEvent('epoch:end')).at(-1)!;
    expect(metrics.labelSharpness).toBeLessThan(0.01);
    expect(metrics.labelSampleEntropy).toBeGreaterThan(0.99);
    expect(labelUse!.every(({ samples }) => samples > 0)).toBe(true);
  });

  it('does not warn of sharp labels', async () => {
    const all = await events({ temperature: 0.01 });
    const { metrics } = all.filter(isEvent('epoch:end')).at(-1)!;
    expect(metrics.labelSampleEntropy).toBeLessThan(0.2);
    expect(all.filter(isEvent('warning')).filter(({ code }) => code === 'labels/uniform')).toEqual([]);
  });
});
