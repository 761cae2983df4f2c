import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { tf } from '../../core/engine/index.js';
import { loadPipeline } from '../../core/config/index.js';
import { parseEvent } from '../../core/observers/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { isEvent } from '../../core/events/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { toySpec } from '../pipeline/toy.js';
import { maxl, single, toyComparison, uniform } from './toy-comparison.js';

const eventsOf = (directory: string): RunEvent[] =>
  readFileSync(join(directory, 'events.jsonl'), 'utf8').trimEnd().split('\n').map(parseEvent);

describe('compare', () => {
  it('runs every variant on every seed, and frees everything', async () => {
    using folder = new Folder();
    const before = tf.memory().numTensors;
    const { result, told } = toyComparison(folder.path);
    const { variants, controls, notes, stopped } = await result;
    expect(tf.memory().numTensors).toBe(before);
    expect({ controls, notes, stopped }).toEqual({
      controls: ['single-task', 'uniform-labels'],
      notes: [],
      stopped: false,
    });
    expect(variants.map(({ label, control, strategy }) => [label, control, strategy])).toEqual([
      ['single-task', true, 'single-task'],
      ['uniform-labels', true, 'uniform-labels'],
      ['maxl', false, 'maxl'],
    ]);
    expect(told.at(-1)).toBe('6/6 maxl 2 finished');
    for (const { score, trials, missing, trainingMs, durationMs, peakBytes, steps } of variants) {
      const [first, second] = trials.map((trial) => trial.score);
      expect(missing).toEqual([]);
      expect(score.last).toMatchObject({ n: 2, mean: (first! + second!) / 2 });
      expect(score.selected!.n).toBe(2);
      expect(trainingMs!.mean).toBeGreaterThan(0);
      expect(trainingMs!.mean).toBeLessThan(durationMs!.mean);
      expect(peakBytes!.mean).toBeGreaterThan(1e7);
      expect(steps).toBe(5);
    }
    const [ours, theirs] = [variants[2]!, variants[0]!];
    const expected = ours.trials.map(({ score }, i) => score - theirs.trials[i]!.score);
    expect(ours.differences['single-task']!.last!.mean).toBeCloseTo((expected[0]! + expected[1]!) / 2, 12);
    expect(Object.keys(ours.differences)).toEqual(['single-task', 'uniform-labels']);
    expect(Object.keys(theirs.differences)).toEqual(['uniform-labels']);
  });

  it('gives a strategy that learns nothing no meta-step, so that no run warns of one', async () => {
    using folder = new Folder();
    const { variants } = await toyComparison(folder.path, { seeds: [1] }).result;
    for (const { trials, batches, strategy } of variants) {
      const events = eventsOf(trials[0]!.directory);
      expect(events.filter(isEvent('warning')).filter(({ code }) => code === 'meta-step/idle')).toEqual([]);
      expect(batches).toBe(strategy === 'maxl' ? 10 : 5);
    }
  });

  it('counts what epochs took as training, without validation and tests', async () => {
    using folder = new Folder();
    const { variants } = await toyComparison(folder.path, { seeds: [1] }, { epochs: 3, evaluation: { lastEpochs: 2 } })
      .result;
    for (const { trials, trainingMs, lastEpochs } of variants) {
      const events = eventsOf(trials[0]!.directory);
      const last = events.findLastIndex(isEvent('epoch:end'));
      const sum = (type: 'epoch:end' | 'evaluate:end') =>
        events
          .slice(0, last + 1)
          .filter(isEvent(type))
          .reduce((total, { durationMs }) => total + durationMs, 0);
      expect(sum('evaluate:end')).toBeGreaterThan(0);
      expect(trainingMs!.mean).toBeCloseTo(sum('epoch:end') - sum('evaluate:end'), 6);
      expect(lastEpochs).toBe(2);
    }
  });

  it('pairs initial weights and order by seed', async () => {
    using folder = new Folder();
    const { variants } = await toyComparison(folder.path, { seeds: [7] }).result;
    const firstLoss = variants.map(
      ({ trials }) => eventsOf(trials[0]!.directory).find(isEvent('step:end'))!.primaryLoss,
    );
    expect(firstLoss[1]).toBeCloseTo(firstLoss[0]!, 6);
    expect(firstLoss[2]).toBeCloseTo(firstLoss[0]!, 6);
  });

  it('runs again only what is missing or failed', async () => {
    using folder = new Folder();
    await toyComparison(folder.path, { seeds: [1] }).result;
    const again = toyComparison(folder.path);
    const { variants } = await again.result;
    expect(again.ran).toEqual(['single-task-seed-2', 'uniform-labels-seed-2', 'maxl-seed-2']);
    expect(variants.every(({ trials }) => trials.length === 2)).toBe(true);
    const records = readdirSync(join(folder.path, 'trials')).filter((file) => file.endsWith('.json'));
    rmSync(join(folder.path, 'trials', records[0]!));
    const third = toyComparison(folder.path);
    await third.result;
    expect(third.ran).toHaveLength(1);
  });

  it('loses one trial where one fails, and says so', async () => {
    using folder = new Folder();
    const steep = { label: 'steep', set: ['auxiliary.use=single-task', 'optimizer.learningRate=1e38'] };
    const { variants } = await toyComparison(folder.path, { variants: [steep] }).result;
    const failed = variants[2]!;
    expect(failed.missing.map(({ seed, reason }) => [seed, /the primary loss is NaN/.test(reason)])).toEqual([
      [1, true],
      [2, true],
    ]);
    expect(failed.score).toEqual({});
    expect(failed.differences['single-task']).toEqual({});
    expect(readFileSync(join(folder.path, 'comparison.md'), 'utf8')).toMatch(
      /\| steep \| 0 \| - \| - \| - \|[^]*- missing: steep, seed 1: loss: the primary loss is NaN/,
    );
    const again = toyComparison(folder.path, { variants: [steep] });
    await again.result;
    expect(again.ran).toEqual(['steep-seed-1', 'steep-seed-2']);
  });

  it('says why a process ended that left nothing', async () => {
    using folder = new Folder();
    const { result } = toyComparison(folder.path, { seeds: [1], launch: async () => 'the process ended by SIGKILL' });
    const { variants } = await result;
    expect(variants[0]!.missing).toEqual([{ seed: 1, reason: 'the process ended by SIGKILL' }]);
  });

  it('stops when told to, and can be gone on with', async () => {
    using folder = new Folder();
    const stop = new AbortController();
    const first = toyComparison(folder.path, { signal: stop.signal, progress: () => stop.abort('enough') });
    const { stopped, variants } = await first.result;
    expect(stopped).toBe(true);
    expect(first.ran).toEqual(['single-task-seed-1']);
    expect(variants[2]!.missing).toEqual([1, 2].map((seed) => ({ seed, reason: 'not run' })));
    expect(readFileSync(join(folder.path, 'comparison.md'), 'utf8')).toContain('goes on');
    const second = toyComparison(folder.path);
    expect((await second.result).stopped).toBe(false);
    expect(second.ran).toHaveLength(5);
  });

  it('writes a row per trial and per variant', async () => {
    using folder = new Folder();
    await toyComparison(folder.path, { variants: [{ label: 'a, "b"', set: maxl.set }] }).result;
    const rows = (file: string) => readFileSync(join(folder.path, file), 'utf8').trimEnd().split('\n');
    expect(rows('trials.csv')).toHaveLength(1 + 6);
    expect(rows('trials.csv')[5]).toMatch(/^final,"a, ""b""",1,,finished,0\.\d+,0\.\d+,/);
    expect(rows('comparison.csv')).toHaveLength(1 + 3);
    const cells = (line: string) => line.replaceAll(/"(?:[^"]|"")*"/g, 'quoted').split(',');
    expect(new Set(rows('comparison.csv').map((line) => cells(line).length)).size).toBe(1);
  });
});

describe('what is compared', () => {
  it('leaves out a control that is the same as another, and says so', async () => {
    using folder = new Folder();
    const twin = { label: 'cross-entropy', set: ['auxiliary.use=single-task', 'loss.use=cross-entropy'] };
    const { result } = toyComparison(
      folder.path,
      { controls: [single, twin], variants: [], seeds: [1] },
      { loss: { use: 'cross-entropy' } },
    );
    const { controls, notes } = await result;
    expect(controls).toEqual(['single-task']);
    expect(notes).toEqual(['cross-entropy is left out: here it is the same as single-task']);
  });

  it('notes that nothing can be selected without validation samples, unless nothing is to be', async () => {
    using folder = new Folder();
    const load = (set: readonly string[]) =>
      loadPipeline(
        toySpec({ dataset: { use: 'mnist', train: 60, test: 20 }, model: { use: 'mlp', hidden: [4] }, epochs: 1 }),
        {
          plugins: builtIn,
          defaults,
          set,
        },
      );
    const noted = async (select: boolean) => {
      const changes = { load, select, controls: [], variants: [single], seeds: [1] };
      return (await toyComparison(folder.path, changes).result).notes;
    };
    expect(await noted(true)).toEqual([expect.stringMatching(/^there are no validation samples/)]);
    expect(await noted(false)).toEqual([]);
  });

  it('takes a control that is named as a strategy once', async () => {
    using folder = new Folder();
    const { result } = toyComparison(folder.path, { variants: [single, maxl], seeds: [1] });
    expect((await result).variants.map(({ label }) => label)).toEqual(['single-task', 'uniform-labels', 'maxl']);
  });

  it('refuses a label that stands for two', async () => {
    const other = { label: 'uniform-labels', set: ['auxiliary.use=random-labels'] };
    await expect(toyComparison('unused', { variants: [other] }).result).rejects.toThrow(/labelled "uniform-labels"/);
  });

  it('refuses a variant that cannot be built before anything runs, by its name', async () => {
    const broken = { label: 'broken', set: ['auxiliary.use=maxl', 'auxiliary.psi=[1, 2]'] };
    const { result, ran } = toyComparison('unused', { variants: [broken] });
    await expect(result).rejects.toThrow(/^broken: auxiliary\.psi: .*psi lists 2 numbers/);
    expect(ran).toEqual([]);
  });
});

describe('the budget', () => {
  const measured = async (budget: 'steps' | 'batches' | 'time') => {
    using folder = new Folder();
    const { result, ran } = toyComparison(
      folder.path,
      { budget, controls: [uniform], seeds: [3] },
      {
        epochs: 2,
        optimizer: { use: 'sgd', learningRate: { use: 'step', initial: 0.1, every: 1 } },
      },
    );
    const { variants, budget: stated } = await result;
    const rates = variants.map(({ trials }) =>
      eventsOf(trials[0]!.directory)
        .filter(isEvent('epoch:end'))
        .map(({ metrics }) => metrics.learningRate),
    );
    return { fixed: variants[0]!, learned: variants[1]!, stated, rates, ran };
  };

  it('of steps gives all the same updates', async () => {
    const { fixed, learned, stated } = await measured('steps');
    expect([fixed.steps, fixed.batches, learned.steps, learned.batches]).toEqual([10, 10, 10, 20]);
    expect(stated).toMatchObject({ of: 'steps', total: 10, statement: '10 updates of the main network for each' });
  });

  it('of batches trains the others longer, and stretches their schedules', async () => {
    const { fixed, learned, stated, rates } = await measured('batches');
    expect([fixed.epochs, fixed.steps, fixed.batches]).toEqual([4, 20, 20]);
    expect([learned.epochs, learned.steps, learned.batches]).toEqual([2, 10, 20]);
    expect(stated.total).toBe(20);
    expect(rates).toEqual([
      [0.1, 0.1, 0.05, 0.05],
      [0.1, 0.05],
    ]);
  });

  it('of time chooses epochs by a timing trial of each', async () => {
    const { learned, stated, ran, fixed } = await measured('time');
    expect(ran.slice(0, 2)).toEqual(['uniform-labels-timing', 'maxl-timing']);
    expect(Math.max(learned.epochs, fixed.epochs)).toBeGreaterThanOrEqual(2);
    expect(Math.min(learned.epochs, fixed.epochs)).toBe(2);
    expect(stated.statement).toMatch(/^\d+\.\d s of training for each/);
  });
});
