import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { arms } from '../../core/report/arms.js';
import { findRuns } from '../../core/report/find-runs.js';
import { report } from '../../core/report/report.js';
import { results } from '../../core/report/results.js';
import { readRun } from '../../core/report/run-record.js';
import { Folder } from '../config/folder.js';
import { lines, writeRun, type Recorded } from './record.js';

const folders = async (paths: readonly string[], cwd: string) =>
  (await findRuns(paths, cwd)).runs.map(({ folder }) => folder.slice(cwd.length + 1));

const records = async (folder: Folder, runs: readonly Recorded[]) => {
  for (const [i, run] of runs.entries()) writeRun(folder, String(i), run);
  return Promise.all(runs.map((_, i) => readRun({ folder: join(folder.path, String(i)) })));
};

describe('run folders', () => {
  it('are found at any depth, in order, each once', async () => {
    using folder = new Folder();
    for (const path of ['runs/b/1000', 'runs/b/999', 'runs/a/001']) writeRun(folder, path, {});
    folder.write('runs/other/events.jsonl', '');
    expect(await folders(['runs'], folder.path)).toEqual(['runs/a/001', 'runs/b/999', 'runs/b/1000']);
    expect(await folders(['runs/b/1000', 'runs'], folder.path)).toEqual(['runs/b/1000', 'runs/a/001', 'runs/b/999']);
  });

  it('must be there', async () => {
    using folder = new Folder({ 'empty/config.yaml': '' });
    await expect(findRuns(['none'], folder.path)).rejects.toThrow('there is no folder none');
    await expect(findRuns(['empty'], folder.path)).rejects.toMatchObject({
      code: 'report/no-run',
      message: 'empty holds no run: no folder in it has config.yaml and events.jsonl',
    });
  });

  it('of a comparison are those that it counts, wherever it has been moved to', async () => {
    using folder = new Folder();
    for (const path of ['c/runs/a/001', 'c/runs/a/002', 'c/runs/search/001']) writeRun(folder, path, {});
    const trial = (path: string) => ({ directory: `/once/here/${path}` });
    const result = {
      directory: '/once/here',
      controls: ['plain'],
      variants: [
        { label: 'plain', trials: [trial('runs/a/001')] },
        { label: 'ours', trials: [trial('runs/a/002')], missing: [{ seed: 3, reason: 'it crashed' }] },
      ],
    };
    folder.write('c/result.json', JSON.stringify(result));
    const found = await findRuns(['.'], folder.path);
    expect(found.runs).toEqual([
      { folder: join(folder.path, 'c/runs/a/001'), label: 'plain', control: true },
      { folder: join(folder.path, 'c/runs/a/002'), label: 'ours', control: false },
    ]);
    expect(found.missing).toEqual(['ours has no run of seed 3: it crashed']);
    folder.write('c/result.json', '{"directory": 1}');
    expect(await folders(['c'], folder.path)).toHaveLength(3);
  });
});

describe('the record of a run', () => {
  const read = async (text: string) => {
    using folder = new Folder({ 'run/events.jsonl': text });
    return await readRun({ folder: join(folder.path, 'run') });
  };

  it('has its epochs, their cosines and its test score', async () => {
    const run = await read(lines({ auxiliary: true, accuracy: 0.75 }).join('\n'));
    expect(run).toMatchObject({ status: 'finished', durationMs: 2000, test: { primaryAccuracy: 0.75 } });
    expect(run.reason).toBeUndefined();
    expect(run.epochs.map(({ epoch, cosines }) => [epoch, cosines])).toEqual([
      [1, [0.1, 0.2]],
      [2, [0.1, 0.2]],
    ]);
  });

  it('says how a run ended without a result', async () => {
    const error = { name: 'RunError', code: 'run/non-finite', message: 'the loss is NaN' };
    const end = async (body: Recorded['end']) => (await read(lines({ end: body! }).join('\n'))).reason;
    expect(await end({ type: 'run:stopped', reason: 'SIGINT', epoch: 2, durationMs: 1 })).toBe(
      'stopped after 2 of 2 epochs: SIGINT',
    );
    expect(await end({ type: 'run:failed', error, durationMs: 1 })).toBe('failed after 2 of 2 epochs: the loss is NaN');
    expect(await read(lines({}).join('\n'))).toMatchObject({ status: 'unfinished' });
  });

  it('may end in a torn line, but has no other fault', async () => {
    const whole = lines({});
    const torn = await read(`${whole.join('\n')}\n${whole[1]!.slice(0, 40)}`);
    expect(torn).toMatchObject({ status: 'unfinished', epochs: [{ epoch: 1 }, { epoch: 2 }] });
    const damaged = [...whole.slice(0, 3), '{"type": 3}', ...whole.slice(3)].join('\n');
    await expect(read(damaged)).rejects.toMatchObject({
      name: 'DataError',
      message: expect.stringMatching(/events\.jsonl:4: not an event/),
    });
    await expect(read(whole.slice(1).join('\n'))).rejects.toMatchObject({ code: 'data/no-run-start' });
    await expect(read('')).rejects.toMatchObject({ code: 'data/no-run-start' });
  });

  it('has to be there, and a file', async () => {
    using folder = new Folder({ 'odd/events.jsonl/inner': '' });
    for (const name of ['none', 'odd'])
      await expect(readRun({ folder: join(folder.path, name) })).rejects.toMatchObject({
        code: 'data/unreadable',
        message: expect.stringContaining(`${name}/events.jsonl can't be read`),
      });
  });

  it('that cannot be read costs no other run its place', async () => {
    using folder = new Folder();
    for (const name of ['cut', 'damaged', 'empty', 'whole']) writeRun(folder, name, { accuracy: 0.5 });
    const whole = lines({ accuracy: 0.5 });
    folder.write('cut/events.jsonl', `${whole[0]!.slice(40)}\n${whole.slice(1).join('\n')}\n`);
    folder.write('damaged/events.jsonl', [...whole.slice(0, 3), '{}', ...whole.slice(3)].join('\n'));
    folder.write('empty/events.jsonl', '');
    const load = () => Promise.reject(new Error('nothing is loaded'));
    const { runs, results: scored, notes } = await report(['.'], { cwd: folder.path, load });
    expect(runs.map(({ folder: path }) => path)).toEqual([join(folder.path, 'whole')]);
    expect(scored).toHaveLength(1);
    expect(notes).toEqual([
      expect.stringMatching(/^cut is left out: events\.jsonl:1: not an event/),
      expect.stringMatching(/^damaged is left out: events\.jsonl:4: not an event/),
      'empty is left out: events.jsonl holds no event',
    ]);
    await expect(report(['cut', 'empty'], { cwd: folder.path, load })).rejects.toThrow(/cut\/events\.jsonl:1: not an/);
  });
});

describe('arms', () => {
  it('gather seeds, with the runs without an auxiliary task first', async () => {
    using folder = new Folder();
    const found = arms(
      await records(folder, [
        { strategy: 'learned', auxiliary: true, seed: 2 },
        { strategy: 'plain', seed: 1 },
        { strategy: 'learned', auxiliary: true, seed: 1, name: 'another' },
      ]),
    );
    expect(found.map(({ label, baseline, runs }) => [label, baseline, runs.map(({ start }) => start.seed)])).toEqual([
      ['plain', true, [1]],
      ['learned', false, [1, 2]],
    ]);
  });

  it('of one strategy are told apart by name, or by what they set', async () => {
    using folder = new Folder();
    const labels = async (runs: readonly Recorded[]) => arms(await records(folder, runs)).map(({ label }) => label);
    const psi = (size: number, name: string): Recorded => ({
      name,
      strategy: 'learned',
      config: { auxiliary: { use: 'learned', psi: size } },
    });
    expect(await labels([psi(2, 'small'), psi(5, 'large')])).toEqual(['learned (small)', 'learned (large)']);
    expect(await labels([psi(2, 'same'), psi(5, 'same')])).toEqual(['learned (psi 2)', 'learned (psi 5)']);
  });

  it('are compared seed by seed on the same data alone', async () => {
    using folder = new Folder();
    const other = { config: { dataset: { use: 'others' }, auxiliary: { use: 'learned' } } };
    const found = results(
      arms(
        await records(folder, [
          { strategy: 'plain', seed: 1, accuracy: 0.8 },
          { strategy: 'plain', seed: 2, accuracy: 0.7 },
          { strategy: 'learned', auxiliary: true, seed: 1, accuracy: 0.82 },
          { strategy: 'learned', auxiliary: true, seed: 2, accuracy: 0.73 },
          { strategy: 'learned', auxiliary: true, seed: 3, accuracy: 0.99 },
          { strategy: 'learned', auxiliary: true, seed: 1, accuracy: 0.9, name: 'others', ...other },
          { strategy: 'unfinished', auxiliary: true },
        ]),
      ),
    );
    expect(found.map(({ paired }) => paired.length)).toEqual([0, 1, 0]);
    const { difference, scores } = found[1]!.paired[0]!;
    expect(scores.map(({ seed }) => seed)).toEqual([1, 2]);
    expect(difference.mean).toBeCloseTo(0.025, 12);
    // t of one degree of freedom is 12.706; the standard error is 0.005.
    expect(difference.interval).toBeCloseTo(12.7062 * 0.005, 5);
  });
});
