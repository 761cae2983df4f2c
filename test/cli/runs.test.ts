import { mkdirSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../core/events/index.js';
import { Folder } from '../config/folder.js';
import { end, engine, epoch, failed, record, start, stopped } from '../observers/recorded.js';
import { recordRun } from '../runs/run-folder.js';
import { auxflow } from './command-line.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());
const cwd = folder.path;

/** Events of a run that began `hours` after the first one, with changes of its start. */
const at = (hours: number, events: readonly RunEvent[], changes: object = {}): RunEvent[] =>
  events.map((event) => ({
    ...event,
    time: event.time + hours * 3_600_000,
    ...(event.type === 'run:start' && changes),
  }));
const config = { name: 'b', epochs: 2, dataset: { use: 'svhn', batch: 60 } };

beforeAll(() => {
  recordRun(folder, 'runs/a/001', record([start, ...epoch(1), ...epoch(2), end]));
  recordRun(folder, 'runs/a/002', at(1, record([start, ...epoch(1), stopped]), { seed: 2 }));
  recordRun(folder, 'runs/b/001', at(2, record([start, ...epoch(1), failed]), { strategy: 'rotation', config }));
  recordRun(folder, 'runs/b/002', at(3, record([start, ...epoch(1)])), '{"type":"st');
  recordRun(folder, 'runs/b/003', at(4, record([start])));
  folder.write('runs/b/003/run.lock', JSON.stringify({ pid: process.pid, host: hostname() }));
  recordRun(folder, 'runs/b/004', record([start]), 'oops\n');
  mkdirSync(join(cwd, 'runs/b/005'));
  mkdirSync(join(cwd, 'nothing'));
});

const folders = async (...argv: string[]): Promise<string[]> => {
  const { code, stdout, stderr } = await auxflow(['runs', ...argv, '--json'], { cwd });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return (JSON.parse(stdout) as { runs: { folder: string }[] }).runs.map((run) => run.folder.slice(cwd.length + 1));
};

describe('auxflow runs', () => {
  it('lists runs, the newest first, with what is damaged at the end', async () => {
    const { code, stdout, stderr } = await auxflow(['runs'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const [table, ...notes] = stdout.trimEnd().split('\n\n');
    const rows = table!.split('\n').map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual('run strategy dataset state seed epochs test last best time started'.split(' '));
    const started = expect.stringMatching(/^2026-11-2\d \d\d:\d\d$/);
    expect(rows.slice(1)).toEqual([
      ['runs/b/003', 'maxl', 'mnist', 'running', '1', '0/2', '-', '-', '-', '0:00:00', started],
      ['runs/b/002', 'maxl', 'mnist', 'broken-off', '1', '1/2', '-', '90.2%', '90.2% @1', '0:00:10', started],
      ['runs/b/001', 'rotation', 'svhn', 'failed', '1', '1/2', '-', '90.2%', '90.2% @1', '0:00:12', started],
      ['runs/a/002', 'maxl', 'mnist', 'stopped', '2', '1/2', '-', '90.2%', '90.2% @1', '0:00:12', started],
      ['runs/a/001', 'maxl', 'mnist', 'ended', '1', '2/2', '96.7%', '90.2%', '90.2% @1', '0:00:24', started],
      ['runs/b/004', 'damaged'],
      ['runs/b/005', 'damaged'],
    ]);
    const reasons = notes.join('\n').split('\n');
    expect(reasons).toHaveLength(3);
    expect(reasons[0]).toBe('runs/b/001 failed: loss is NaN');
    expect(reasons[1]).toMatch(/^runs\/b\/004 damaged: events\.jsonl:2: not an event, for it isn't JSON: oops$/);
    expect(reasons[2]).toMatch(/^runs\/b\/005 damaged: events\.jsonl can't be read: ENOENT/);
  });

  it('lists them for machines, without their pipelines', async () => {
    const { stdout } = await auxflow(['runs', 'a/001', '--json'], { cwd });
    const { runs } = JSON.parse(stdout) as { runs: object[] };
    expect(runs).toEqual([
      expect.objectContaining({
        folder: join(cwd, 'runs/a/001'),
        state: 'ended',
        name: 'mnist-parity',
        epochs: { done: 2, of: 2 },
        started: '2026-11-25T00:00:00.000Z',
        score: { measure: 'validationAccuracy', last: 0.902, best: 0.902, bestEpoch: 1 },
      }),
    ]);
    expect(runs[0]).not.toHaveProperty('config');
  });

  it('takes folders and names, filters and sorts', async () => {
    expect(await folders('runs/a')).toEqual(['runs/a/002', 'runs/a/001']);
    expect(await folders('a', 'runs/a/001')).toEqual(['runs/a/002', 'runs/a/001']);
    expect(await folders('.', '--name', 'parity')).toHaveLength(5);
    expect(await folders('--name', 'imagenet')).toEqual([]);
    expect(await folders('--strategy', 'rotation')).toEqual(['runs/b/001']);
    expect(await folders('--dataset', 'svhn')).toEqual(['runs/b/001']);
    expect(await folders('--state', 'stopped,broken-off')).toEqual(['runs/b/002', 'runs/a/002']);
    expect(await folders('--state', 'damaged', '--strategy', 'maxl')).toEqual([]);
    expect(await folders('a', 'b/001', '--sort', 'test')).toEqual(['runs/a/001', 'runs/b/001', 'runs/a/002']);
    expect(await folders('a', '--sort', 'seed')).toEqual(['runs/a/001', 'runs/a/002']);
    expect((await folders('--sort', 'epochs')).slice(0, 2)).toEqual(['runs/a/001', 'runs/b/002']);
  });

  it('says that there are none', async () => {
    expect(await auxflow(['runs', 'nothing'], { cwd })).toEqual({
      code: 0,
      stdout: '',
      stderr: 'there is no run in nothing\n',
    });
    expect((await auxflow(['runs'], { cwd: join(cwd, 'nothing') })).stderr).toBe('there is no run in runs\n');
    expect((await auxflow(['runs', '--name', 'x'], { cwd })).stderr).toBe('none of 7 runs is such in runs\n');
  });

  it.each([
    [['runs', 'a/01'], /there is no run a\/01.*\n {2}The nearest is runs\/a\/001/],
    [['runs', '--state', 'stoped'], /Did you mean stopped\?/],
    [['runs', '--state', 'x'], /Expected some of ended, stopped/],
    [['runs', '--sort', 'x'], /Allowed choices are started, name/],
    [['runs', 'diff', 'a/001', 'a/001'], /a\/001 and a\/001 are one run \(cli\/usage\)/],
    [['runs', 'diff', 'a/001'], /a\/001 is one run \(cli\/usage\)\n {2}Name two runs or more\./],
    [['runs', 'diff', 'a/001', 'b/004'], /runs\/b\/004 is damaged: .*events\.jsonl:2/],
    [['runs', 'diff', 'a/001', 'c'], /there is no run c/],
  ])('refuses %j', async (argv, message) => {
    const { code, stdout, stderr } = await auxflow(argv, { cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });
});

describe('auxflow runs diff', () => {
  it('shows keys that differ, then measurements, side by side', async () => {
    const { code, stdout } = await auxflow(['runs', 'diff', 'a/001', 'b/001'], { cwd });
    expect(code).toBe(0);
    const [config, measured] = stdout
      .split('\n\n')
      .map((table) => table.split('\n').map((line) => line.trim().split(/ {2,}/)));
    expect(config).toEqual([
      ['runs/a/001', 'runs/b/001'],
      ['name', 'mnist-parity', 'b'],
      ['dataset.use', 'mnist', 'svhn'],
      ['dataset.batch', '50', '60'],
      ['version', '2', '-'],
      ['nothing', 'null', '-'],
    ]);
    expect(measured).toContainEqual(['state', 'ended', 'failed']);
    expect(measured).toContainEqual(['test.primaryAccuracy', '0.9671', '-']);
    expect(measured).toContainEqual(['metrics.primaryLoss', '0.4124', '0.4124']);
    const { stdout: json } = await auxflow(['runs', 'diff', 'a', '--json'], { cwd });
    expect(JSON.parse(json)).toMatchObject({ runs: [{ seed: 1 }, { seed: 2 }], config: [] });
  });

  it('shows what runs computed with, where that differs', async () => {
    const other = { engine: { ...engine, threads: 8 } };
    recordRun(folder, 'other/a/001', at(0, record([start, ...epoch(1), ...epoch(2), end]), other));
    const { stdout } = await auxflow(['runs', 'diff', 'a/001', 'other/a/001'], { cwd });
    expect(stdout).toMatch(/^Their pipelines are the same\.\n\n.*other\/a\/001\nengine\.threads +2 +8\n\n/);
    const { stdout: json } = await auxflow(['runs', 'diff', 'a/001', 'other/a/001', '--json'], { cwd });
    expect(JSON.parse(json)).toMatchObject({ config: [], engine: [{ key: 'engine.threads', values: [2, 8] }] });
  });

  it('says that pipelines are the same', async () => {
    const { stdout } = await auxflow(['runs', 'diff', 'a'], { cwd });
    expect(stdout).toMatch(/^Their pipelines are the same\.\n\n/);
  });

  it('leaves the runs as they were', async () => {
    const before = readFileSync(join(cwd, 'runs/b/002/events.jsonl'), 'utf8');
    await auxflow(['runs', 'diff', 'b/001', 'b/002'], { cwd });
    expect(readFileSync(join(cwd, 'runs/b/002/events.jsonl'), 'utf8')).toBe(before);
  });
});
