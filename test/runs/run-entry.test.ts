import { hostname } from 'node:os';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../core/events/index.js';
import { findRunFolders, readEntry } from '../../core/runs/index.js';
import { Folder } from '../config/folder.js';
import { end, epoch, failed, record, start, stopped, summary, wholeRun } from '../observers/recorded.js';
import { recordRun } from './run-folder.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

describe('readEntry', () => {
  it('tells what a run that has ended came to', async () => {
    expect(await readEntry(recordRun(folder, 'ended', wholeRun))).toMatchObject({
      folder: join(folder.path, 'ended'),
      state: 'ended',
      name: 'mnist-parity',
      strategy: 'maxl',
      dataset: 'mnist',
      seed: 1,
      epochs: { done: 2, of: 2 },
      started: wholeRun[0]!.time,
      durationMs: 24_000,
      metrics: { primaryLoss: 0.4124 },
      score: { measure: 'validationAccuracy', last: 0.902, best: 0.902, bestEpoch: 1 },
      summary,
    });
  });

  it.each([
    ['stopped', [start, ...epoch(1), stopped], { state: 'stopped', reason: 'SIGINT', durationMs: 12_000 }],
    ['failed', [start, ...epoch(1), failed], { state: 'failed', reason: 'loss is NaN', durationMs: 12_000 }],
    ['killed', [start, ...epoch(1)], { state: 'broken-off', durationMs: 10_000 }],
  ] as const)('tells that a run was %s', async (name, script, expected) => {
    const entry = await readEntry(recordRun(folder, name, record(script), name === 'killed' ? '{"type":"st' : ''));
    expect(entry).toMatchObject({ ...expected, epochs: { done: 1, of: 2 } });
  });

  it('tells that a run goes on while a process holds it, and no longer', async () => {
    const run = recordRun(folder, 'held', record([start, ...epoch(1), stopped]));
    folder.write('held/run.lock', JSON.stringify({ pid: process.pid, host: hostname() }));
    expect(await readEntry(run)).toMatchObject({ state: 'running', durationMs: 10_500 });
    folder.write('held/run.lock', JSON.stringify({ pid: process.pid, host: hostname(), started: '1' }));
    expect(await readEntry(run)).toMatchObject({ state: 'stopped' });
  });

  it('finds the best epoch by what was measured', async () => {
    const scored = (metrics: readonly object[]): RunEvent[] =>
      record([
        start,
        ...metrics.map(
          (one, i) => [0, { type: 'epoch:end', epoch: i + 1, epochs: 2, metrics: one, durationMs: 1 }] as never,
        ),
      ]);
    const scoreOf = async (...metrics: object[]) =>
      ((await readEntry(recordRun(folder, 'scored', scored(metrics)))) as { score?: object }).score;
    const all = { primaryLoss: 1, primaryAccuracy: 0.5, validationLoss: 2 };
    expect(
      await scoreOf(
        { ...all, validationAccuracy: 0.7 },
        { ...all, validationAccuracy: 0.8 },
        { ...all, validationAccuracy: 0.8 },
        { ...all, validationAccuracy: 0.6 },
      ),
    ).toEqual({ measure: 'validationAccuracy', last: 0.6, best: 0.8, bestEpoch: 2 });
    expect(await scoreOf({ ...all, validationLoss: 0.5 }, all)).toEqual({
      measure: 'validationLoss',
      last: 2,
      best: 0.5,
      bestEpoch: 1,
    });
    expect(await scoreOf({ primaryLoss: 3, primaryAccuracy: 0.5 })).toMatchObject({ measure: 'primaryAccuracy' });
    expect(await scoreOf({ primaryLoss: NaN }, { primaryLoss: 3 })).toMatchObject({ measure: 'primaryLoss', best: 3 });
    expect(await scoreOf()).toBeUndefined();
  });

  it('tells what is damaged, and why', async () => {
    folder.write('no-record/config.yaml', '');
    const half = wholeRun.map((event) => ({ ...event, config: undefined })) as RunEvent[];
    const odd = record([start, [0, { type: 'epoch:end', epoch: 1 } as never]]);
    const over = record([start, [0, { ...end[1], summary: undefined } as never]]);
    const cases: [string, RegExp][] = [
      [join(folder.path, 'no-record'), /events\.jsonl can't be read: ENOENT/],
      [join(folder.path, 'not-there'), /can't be read: ENOENT/],
      [recordRun(folder, 'bad', wholeRun, 'oops\n'), /events\.jsonl:17: not an event/],
      [recordRun(folder, 'half', half), /event 0, run:start, has no config/],
      [recordRun(folder, 'odd', odd), /event 1, epoch:end, has no metrics/],
      [recordRun(folder, 'over', over), /event 1, run:end, has no summary/],
    ];
    for (const [run, reason] of cases)
      expect(await readEntry(run)).toEqual({ folder: run, state: 'damaged', reason: expect.stringMatching(reason) });
    const held = recordRun(folder, 'odd-lock', wholeRun);
    mkdirSync(join(held, 'run.lock'));
    expect(await readEntry(held)).toMatchObject({ state: 'damaged', reason: expect.stringContaining('not a file') });
  });
});

describe('findRunFolders', () => {
  it('finds runs at any depth, those too that never began, and nothing else', async () => {
    using tree = new Folder({
      'runs/b/010/events.jsonl': '',
      'runs/b/9/config.yaml': '',
      'runs/a/001/run.lock': '',
      'runs/a/001/weights/events.jsonl': '',
      'comparisons/x/001/result.json': '{}',
      'comparisons/x/001/runs/y/001/summary.json': '{}',
      'pictures/train/001/0.png': '',
      'node_modules/z/001/events.jsonl': '',
    });
    mkdirSync(join(tree.path, 'runs/b/011/checkpoints'), { recursive: true });
    mkdirSync(join(tree.path, 'runs/c'));
    const found = await findRunFolders(tree.path);
    expect(found.map((run) => run.slice(tree.path.length + 1))).toEqual([
      'comparisons/x/001/runs/y/001',
      'runs/a/001',
      'runs/b/9',
      'runs/b/010',
      'runs/b/011',
    ]);
    expect(await findRunFolders(found[1]!)).toEqual([found[1]]);
    expect(await findRunFolders(join(tree.path, 'nowhere'))).toEqual([join(tree.path, 'nowhere')]);
  });
});
