import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import type { RunEvent } from '../../core/events/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { auxflow, Signals } from './command-line.js';

const folder = new Folder();
afterAll(() => folder[Symbol.dispose]());

const pipelines = join(import.meta.dirname, '../../pipelines');
const quickstart = join(pipelines, 'quickstart.yaml');
const singleTask = join(pipelines, 'quickstart-single-task.yaml');
const small = [
  'dataset.train=60',
  'dataset.test=100',
  'dataset.batch=20',
  'model.channels=4',
  'model.hidden=8',
].flatMap((set) => ['--set', set]);
const real = { plugins: builtIn, defaults, cwd: folder.path };

describe('the command line with the real pipelines', () => {
  it.each(['quickstart.yaml', 'quickstart-single-task.yaml', 'mnist-digits.yaml'])('%s is a pipeline', async (file) => {
    const { code, stdout, stderr } = await auxflow(['show', join(pipelines, file)], real);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const again = folder.write('again.yaml', stdout);
    expect((await auxflow(['show', again], real)).stdout).toBe(stdout);
  });

  it('validates without training', async () => {
    const { code, stdout } = await auxflow(['validate', quickstart, ...small, '--json'], real);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      valid: true,
      dataset: { trainSamples: 60 },
      passes: [{ name: 'train' }, { name: 'meta' }],
    });
    expect(existsSync(join(folder.path, 'runs'))).toBe(false);
  });

  it('runs two pipelines, compares them, and repeats one from its record', async () => {
    const { code, stdout } = await auxflow(
      ['run', singleTask, quickstart, ...small, '--set', 'epochs=1', '--json', '--runs', 'out'],
      real,
    );
    expect(code).toBe(0);
    const { runs } = JSON.parse(stdout) as {
      runs: { status: string; directory: string; summary: { test: object; strategy: string } }[];
    };
    expect(runs.map(({ status, summary }) => [status, summary.strategy])).toEqual([
      ['finished', 'single-task'],
      ['finished', 'maxl'],
    ]);
    const config = join(runs[1]!.directory, 'config.yaml');
    expect(parse(readFileSync(config, 'utf8'))).toMatchObject({ epochs: 1, runs: join(folder.path, 'out') });
    const again = JSON.parse((await auxflow(['run', config, '--json'], real)).stdout) as {
      runs: typeof runs;
    };
    expect(again.runs[0]!.summary.test).toEqual(runs[1]!.summary.test);
  }, 120_000);

  it('stops at a signal, with everything written', async () => {
    const process = new Signals();
    const listening = setInterval(() => {
      if (process.listenerCount('SIGINT') === 0) return;
      clearInterval(listening);
      setTimeout(() => process.emit('SIGINT', 'SIGINT'), 1000);
    }, 20);
    const { code, stdout } = await auxflow(['run', quickstart, ...small, '--set', 'epochs=5000', '--json'], {
      ...real,
      process,
    });
    expect(code).toBe(130);
    const { runs } = JSON.parse(stdout) as { runs: { status: string; directory: string }[] };
    expect(runs[0]!.status).toBe('stopped');
    const lines = readFileSync(join(runs[0]!.directory, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    expect((JSON.parse(lines.at(-1)!) as RunEvent).type).toBe('run:stopped');
  }, 60_000);
});
