import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isLocked, lockRun } from '../../core/checkpoint/index.js';

let run: string;
beforeEach(async () => (run = await mkdtemp(join(tmpdir(), 'auxflow-lock-'))));
afterEach(() => rm(run, { recursive: true }));

/** A process that is gone. */
const gone = (): number => spawnSync(process.execPath, ['-e', '']).pid;
const holds = (holder: object | string): Promise<void> =>
  writeFile(join(run, 'run.lock'), typeof holder === 'string' ? holder : JSON.stringify(holder));

describe('the lock of a run folder', () => {
  it('keeps others out until it is given back', async () => {
    const lock = await lockRun(run);
    await expect(lockRun(run)).rejects.toMatchObject({ code: 'run/locked' });
    await expect(lockRun(run)).rejects.toThrow(`in use by process ${process.pid}`);
    expect(await isLocked(run)).toBe(true);
    lock[Symbol.dispose]();
    expect(await isLocked(run)).toBe(false);
    expect(await readdir(run)).toEqual([]);
    using again = await lockRun(run);
    expect(again).toBeDefined();
  });

  it('is one alone, however many want it at once', async () => {
    const wanted = await Promise.allSettled(Array.from({ length: 20 }, () => lockRun(run)));
    expect(wanted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(run)).toEqual(['run.lock']);
  });

  it.each([
    ['a process that is gone', () => ({ pid: gone(), host: hostname() })],
    ['an earlier process of the same number', () => ({ pid: process.pid, host: hostname(), started: '1' })],
    ['nobody: half a file', () => '{"pid": 12'],
    ['nobody: no process', () => ({})],
    ['nobody: process 0', () => ({ pid: 0, host: hostname() })],
  ])('of %s counts for nothing', async (_, holder) => {
    await holds(holder());
    expect(await isLocked(run)).toBe(false);
    using lock = await lockRun(run);
    expect(lock).toBeDefined();
    expect(JSON.parse(await readFile(join(run, 'run.lock'), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(await readdir(run)).toEqual(['run.lock']);
  });

  it.each([
    ['a pipe, which would never end', () => spawnSync('mkfifo', [join(run, 'run.lock')])],
    ['a folder', () => mkdirSync(join(run, 'run.lock'))],
  ])('that is %s is named', async (_, make) => {
    make();
    await expect(lockRun(run)).rejects.toMatchObject({
      code: 'run/unlockable',
      message: expect.stringContaining(join(run, 'run.lock')),
    });
    expect(await readdir(run)).toEqual(['run.lock']);
  });

  it('that cannot be taken away does no harm', async () => {
    const lock = await lockRun(run);
    await rm(join(run, 'run.lock'));
    mkdirSync(join(run, 'run.lock/inside'), { recursive: true });
    expect(() => lock[Symbol.dispose]()).not.toThrow();
  });

  it('of another machine is believed', async () => {
    await holds({ pid: 1, host: 'elsewhere' });
    await expect(lockRun(run)).rejects.toThrow('in use by process 1 of elsewhere');
  });
});
