import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunEvent } from '../../core/events/index.js';
import { run } from '../../core/pipeline/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { Folder } from '../config/folder.js';
import { auxflow, Signals } from './command-line.js';

const folder = new Folder({
  'a.yaml': `
dataset: { use: mnist, primary: parity, train: 40, test: 50, batch: 10 }
model: { use: mlp, hidden: [8] }
optimizer: { use: sgd, learningRate: 0.1, momentum: 0.9 }
auxiliary: { use: random-labels, psi: 2 }
metaStep: { use: none }
epochs: 4
`,
});
afterAll(() => folder[Symbol.dispose]());
const real = { plugins: builtIn, defaults, cwd: folder.path };

/** Runs the command line and sends `signal` to it once `when` is told. */
async function interrupted(
  argv: string[],
  when: (event: RunEvent) => boolean,
  signal: 'SIGINT' | 'SIGTERM' = 'SIGINT',
) {
  const signals = new Signals();
  const watching: typeof run = (pipeline, options = {}) => {
    const observe = (events: Parameters<NonNullable<typeof options.observers>[number]['observe']>[0]): Promise<void> =>
      events.forEach((event) => {
        if (when(event)) signals.emit(signal, signal);
      });
    return run(pipeline, { ...options, observers: [...(options.observers ?? []), { name: 'finger', observe }] });
  };
  const pipeline = async () => ({ ...(await import('../../core/pipeline/index.js')), run: watching });
  return { ...(await auxflow(argv, { ...real, process: signals, pipeline })), signals };
}
const inSecondEpoch = (event: RunEvent): boolean => event.type === 'step:end' && event.epoch === 2 && event.step === 2;
const rows = (name: string): string[] =>
  readFileSync(join(folder.path, 'runs', name, 'metrics.csv'), 'utf8').split('\n');

describe('auxflow run --resume', () => {
  beforeAll(async () => {
    const { code } = await auxflow(['run', 'a.yaml', '--set', 'name=whole'], real);
    expect(code).toBe(0);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('goes on where %s has stopped a run', async (signal, exit) => {
    const name = `by-${signal}`;
    const first = await interrupted(['run', 'a.yaml', '--set', `name=${name}`], inSecondEpoch, signal);
    const directory = join(folder.path, 'runs', name, '001');
    expect(first.code).toBe(exit);
    expect(first.stderr).toContain(`go on from its last checkpoint: auxflow run a.yaml --resume ${directory}`);
    expect(first.signals.listenerCount(signal)).toBe(0);
    expect(readdirSync(directory)).not.toContain('run.lock');

    const second = await auxflow(['run', 'a.yaml', '--set', `name=${name}`, '--resume', 'latest', '--json'], real);
    expect(second.code).toBe(0);
    expect(JSON.parse(second.stdout)).toMatchObject({ runs: [{ status: 'finished', directory }] });
    expect(rows(`${name}/001`)).toEqual(rows('whole/001'));
  });

  it('needs no pipeline file for a run that is named', async () => {
    await interrupted(['run', 'a.yaml', '--set', 'name=named'], inSecondEpoch);
    const { code } = await auxflow(['run', '--resume', 'named/001'], real);
    expect(code).toBe(0);
    expect(rows('named/001')).toEqual(rows('whole/001'));
  });

  it('keeps the handlers of the host', async () => {
    const before = process.listenerCount('unhandledRejection');
    await interrupted(['run', 'a.yaml', '--set', 'name=host'], inSecondEpoch);
    expect(process.listenerCount('unhandledRejection')).toBe(before);
  });

  it.each([
    [
      'a run that has finished',
      ['a.yaml', '--set', 'name=whole', '--resume', 'latest'],
      /is finished: it has all of its 4 epochs/,
    ],
    ['a changed key', ['a.yaml', '--seed', '7', '--resume', 'whole/001'], /seed: was 1 when the run began, is 7 now/],
    ['no run', ['a.yaml', '--set', 'name=none', '--resume', 'latest'], /there is no run in .*none/],
    ['a misspelt run', ['a.yaml', '--resume', 'wohle/001'], /The nearest is runs\/whole\/001/],
    ['latest without a file', ['--resume', 'latest'], /--resume latest needs the pipeline file/],
    ['several files', ['a.yaml', 'a.yaml', '--resume', 'whole/001'], /one run can go on with one pipeline only/],
    ['nothing at all', [], /name a pipeline file/],
  ])('refuses %s', async (_, argv, message) => {
    const { code, stderr } = await auxflow(['run', ...argv], real);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
  });
});
