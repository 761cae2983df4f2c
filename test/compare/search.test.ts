import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadPipeline } from '../../core/config/index.js';
import { winnerOf, type Candidate } from '../../core/compare/search.js';
import type { TrialRecord } from '../../core/compare/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { toySpec } from '../pipeline/toy.js';
import { maxl, single, toyComparison } from './toy-comparison.js';

const search = {
  space: {
    'optimizer.learningRate.initial': { log: [0.001, 0.5] as [number, number] },
    'auxiliary.entropyWeight': [0, 0.1, 0.4],
  },
  trials: 3,
  seeds: [101, 102],
};

describe('a search', () => {
  it('tries as many settings of every variant on other seeds, and runs what validates best', async () => {
    using folder = new Folder();
    const { result, ran, told } = toyComparison(folder.path, { controls: [single], search });
    const { variants, notes } = await result;
    expect(ran.filter((name) => name.includes('search'))).toHaveLength(2 * 3 * 2);
    expect(ran.filter((name) => !name.includes('search'))).toEqual([
      'single-task-seed-1',
      'single-task-seed-2',
      'maxl-seed-1',
      'maxl-seed-2',
    ]);
    expect(notes).toEqual(['not searched, having no such key: auxiliary.entropyWeight (single-task)']);
    expect(told).toContain(notes[0]);

    const rows = readFileSync(join(folder.path, 'trials.csv'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split(','));
    const searched = rows.filter(([purpose]) => purpose === 'search');
    expect(searched).toHaveLength(12);
    expect(searched.every(([, , , , , , test]) => test === '')).toBe(true);
    for (const { label, found, set } of variants) {
      const scores = new Map<string, number[]>();
      for (const [, variant, , settings, , validation] of searched)
        if (variant === label) scores.set(settings!, [...(scores.get(settings!) ?? []), Number(validation)]);
      const means = [...scores].map(([settings, [a, b]]) => ({ settings, mean: (a! + b!) / 2 }));
      expect(means[0]!.settings).toBe('');
      expect(found!.score).toBeCloseTo(Math.max(...means.map(({ mean }) => mean)), 12);
      expect(found!.settings.join(' ')).toBe(
        means.find(({ mean }) => Math.abs(mean - found!.score!) < 1e-12)!.settings,
      );
      expect(set.slice(set.length - found!.settings.length)).toEqual(found!.settings);
    }
    const rates = searched.map(([, variant, , settings]) => [variant, /initial=(\S+)/.exec(settings!)?.[1]]);
    const ratesOf = (label: string) => rates.flatMap(([variant, rate]) => (variant === label ? rate : []));
    expect(ratesOf('maxl')).toEqual(ratesOf('single-task'));
  });

  it('tries no settings twice, fewer where there are no more, and says so', async () => {
    using folder = new Folder();
    const finite = {
      // The pipeline's own weight is 0.2, and its own psi [2, 1, 3].
      space: { 'auxiliary.entropyWeight': [0, 0.2, 0.2], 'auxiliary.psi': [[2, 1, 3], 2] },
      trials: 9,
      seeds: [101],
    };
    const { result, ran } = toyComparison(folder.path, { controls: [single], search: finite, seeds: [1] });
    const { variants, notes } = await result;
    expect(variants.map(({ label, found }) => [label, found!.tried])).toEqual([
      ['single-task', 1],
      ['maxl', 4],
    ]);
    expect(ran.filter((name) => name.includes('search'))).toHaveLength(1 + 4);
    expect(notes).toContain('9 settings were asked for, and there are fewer different ones: single-task 1, maxl 4');
    const rows = readFileSync(join(folder.path, 'trials.csv'), 'utf8').trimEnd().split('\n').slice(1);
    const settings = rows.flatMap((row) => /^search,maxl,101,(.*),finished/.exec(row)?.[1] ?? []);
    expect(new Set(settings).size).toBe(4);
    const comparison = JSON.parse(readFileSync(join(folder.path, 'result.json'), 'utf8')) as typeof variants & object;
    expect(comparison).toMatchObject({ variants: [{ found: { tried: 1 } }, { found: { tried: 4 } }] });
  });

  it('needs validation samples, and says how to get them', async () => {
    const load = (set: readonly string[]) =>
      loadPipeline(toySpec({ dataset: { use: 'mnist', train: 60 } }), { plugins: builtIn, defaults, set });
    const { result } = toyComparison('unused', { search, load, controls: [], variants: [single] });
    await expect(result).rejects.toThrow(/dataset\.validation: .*no validation samples\n.*--set dataset\.validation=/);
  });

  it('refuses keys that all variants share, before anything runs', async () => {
    const shared = { 'optimizer.learningRate': [0.1], seed: [1, 2], 'dataset.train': [5, 50] };
    const { result, ran } = toyComparison('unused', { search: { ...search, space: shared } });
    await expect(result).rejects.toThrow(/^--search: seed: can't be searched: .*\n--search: dataset\.train: can't/);
    expect(ran).toEqual([]);
  });

  it('refuses a seed that is also compared with', async () => {
    const { result } = toyComparison('unused', { search: { ...search, seeds: [2] } });
    await expect(result).rejects.toThrow(/seed 2 is both searched and compared with/);
  });

  it('refuses a key that no variant knows, and a value that one does not take', async () => {
    const inSpace = (space: typeof search.space | Record<string, unknown[]>) =>
      toyComparison('unused', { search: { ...search, space }, controls: [single], variants: [maxl] }).result;
    await expect(inSpace({ 'auxiliary.entropyWait': [0] })).rejects.toThrow(
      /unknown key; did you mean "entropyWeight"/,
    );
    await expect(inSpace({ 'auxiliary.entropyWeight': [-1] })).rejects.toThrow(
      /expected a number of at least 0, got -1/,
    );
  });
});

describe('winnerOf', () => {
  const candidate = (name: string, ...ids: string[]): Candidate => ({
    settings: [name],
    trials: ids.map((id) => ({ id, purpose: 'search', variant: 'v', seed: 1, settings: [], pipeline: {} })),
  });
  const scored = (validationAccuracy: number) =>
    ({ status: 'finished', summary: { metrics: { validationAccuracy } } }) as unknown as TrialRecord;
  const records = new Map<string, TrialRecord>([
    ['a', scored(0.5)],
    ['b', scored(0.7)],
    ['c', scored(0.6)],
    ['d', { status: 'failed', reason: 'NaN' }],
    ['e', scored(1)],
  ]);

  it('is the earliest of the best means', () => {
    const all = [candidate('a', 'a', 'b'), candidate('c', 'c', 'c'), candidate('b', 'a', 'a')];
    expect(winnerOf(all, records)).toEqual({ settings: ['a'], tried: 3, score: 0.6 });
  });

  it('is never one with a trial that failed or is missing', () => {
    const all = [candidate('a', 'a'), candidate('d', 'd', 'e'), candidate('e', 'e', 'x')];
    expect(winnerOf(all, records)).toEqual({ settings: ['a'], tried: 3, score: 0.5 });
    expect(winnerOf(all.slice(1), records)).toEqual({ settings: ['d'], tried: 2 });
  });
});
