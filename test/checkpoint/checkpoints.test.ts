import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Checkpoints } from '../../core/checkpoint/index.js';

let run: string;
beforeEach(async () => (run = await mkdtemp(join(tmpdir(), 'auxflow-checkpoints-'))));
afterEach(() => rm(run, { recursive: true }));

const snapshot = (value: number) => ({ tensors: {}, values: value });
const names = (): Promise<string[]> => readdir(join(run, 'checkpoints'));

async function written(checkpoints: Checkpoints, epochs: readonly number[], best?: string): Promise<void> {
  for (const epoch of epochs) await checkpoints.write(checkpoints.name(epoch, epoch * 10), snapshot(epoch), best);
}

describe('the checkpoints of a run', () => {
  it('are read back newest first', async () => {
    const checkpoints = new Checkpoints(run, 5);
    await written(checkpoints, [1, 2, 11]);
    const newest = await new Checkpoints(run, 5).newest(() => undefined);
    expect(newest).toMatchObject({ values: 11, path: join(run, 'checkpoints', checkpoints.name(11, 110)) });
  });

  it('are removed but for the last ones and the best', async () => {
    const checkpoints = new Checkpoints(run, 2);
    await written(checkpoints, [1, 2, 3, 4, 5], checkpoints.name(2, 20));
    expect(await names()).toEqual([2, 4, 5].map((epoch) => checkpoints.name(epoch, epoch * 10)));
  });

  it('are none in a new folder', async () => {
    expect(await new Checkpoints(run, 1).newest(() => undefined)).toBeUndefined();
  });

  it('lose what a kill left half-written, and nothing else', async () => {
    const checkpoints = new Checkpoints(run, 2);
    await written(checkpoints, [1]);
    await writeFile(join(run, 'checkpoints', `${checkpoints.name(2, 20)}.0a1b.tmp`), 'half');
    await writeFile(join(run, 'checkpoints', 'notes.txt'), 'mine');
    expect(await checkpoints.newest(() => undefined)).toMatchObject({ values: 1 });
    expect(await names()).toEqual([checkpoints.name(1, 10), 'notes.txt']);
  });

  it('that are damaged and newer are set aside', async () => {
    const checkpoints = new Checkpoints(run, 3);
    await written(checkpoints, [1, 2]);
    const newest = join(run, 'checkpoints', checkpoints.name(2, 20));
    await writeFile(newest, 'damaged');
    const reported: string[] = [];
    expect(await checkpoints.newest(({ message }) => reported.push(message))).toMatchObject({ values: 1 });
    expect(reported).toEqual([expect.stringContaining(newest)]);
    expect(await names()).toContain(`${checkpoints.name(2, 20)}.damaged`);
  });

  it('are counted by their events, whatever the digits', async () => {
    const checkpoints = new Checkpoints(run, 2);
    const last = [99_999, 100_000, 100_001];
    await written(checkpoints, last);
    expect(await checkpoints.newest(() => undefined)).toMatchObject({ values: 100_001 });
    expect(await names()).toEqual([100_000, 100_001].map((epoch) => checkpoints.name(epoch, epoch * 10)));
  });

  it('are all named where none is whole', async () => {
    const checkpoints = new Checkpoints(run, 3);
    await written(checkpoints, [1, 2]);
    const paths = [checkpoints.name(1, 10), checkpoints.name(2, 20)].map((name) => join(run, 'checkpoints', name));
    for (const path of paths) await writeFile(path, 'damaged');
    const refused = checkpoints.newest(() => undefined);
    await expect(refused).rejects.toMatchObject({
      hint: expect.stringContaining('No checkpoint of this run is whole'),
    });
    for (const path of paths) await expect(refused).rejects.toThrow(path);
  });

  it('that cannot be written end in an error that names the last whole one', async () => {
    const checkpoints = new Checkpoints(run, 2);
    await written(checkpoints, [1]);
    const last = join(run, 'checkpoints', checkpoints.name(1, 10));
    const next = checkpoints.name(2, 20);
    await mkdir(join(run, 'checkpoints', next)); // a folder where the file should be, as good as a full disk
    const failed = checkpoints.write(next, snapshot(2), undefined);
    await expect(failed).rejects.toMatchObject({ name: 'RunError', code: 'checkpoint/unwritable' });
    await expect(failed).rejects.toThrow(`the last one that is whole is ${last}`);
    expect(checkpoints.last).toBe(last);
    expect((await names()).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});
