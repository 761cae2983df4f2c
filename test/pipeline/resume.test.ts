import { cp, mkdir, mkdtemp, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { addParams, disposable, mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { PipelineSpec } from '../../core/config/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { parseEvent } from '../../core/observers/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import { Random } from '../../core/stages/index.js';
import type { Combiner, Task } from '../../core/stages/index.js';
import { interrupted, type Interruption } from './interrupted.js';
import { toyPipeline } from './toy.js';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'auxflow-resume-'))));
afterAll(() => rm(folder, { recursive: true }));

let made = 0;
/** A place of its own for a run's folder. */
const place = (): string => join(folder, String(made++));

/** Runs a toy pipeline until event `until`, where it is stopped or left; to its end without one. */
const go = async (changes: PipelineSpec, how: Interruption = {}): Promise<RunEvent[]> =>
  interrupted(await toyPipeline(changes, { augment: true, plugins: [noisy] }), how);

/** What a run left behind: weights byte by byte, metrics, and events without what a clock or a place says. */
async function left(directory: string): Promise<Record<string, unknown>> {
  const text = (name: string): Promise<string> => readFile(join(directory, name), 'utf8');
  const weights = await readdir(join(directory, 'weights'));
  const bytes = await Promise.all(
    weights.map(async (name) => (await readFile(join(directory, 'weights', name))).toString('hex')),
  );
  const timeless = (line: string): unknown =>
    JSON.parse(line, (key, value: unknown) => (/^(time|.*Ms|path|bytes|directory|runs)$/.test(key) ? 0 : value));
  return {
    weights,
    bytes,
    metrics: await text('metrics.csv'),
    events: (await text('events.jsonl')).trim().split('\n').map(timeless),
    summary: timeless(await text('summary.json')),
  };
}

const withSgd: PipelineSpec = { optimizer: { use: 'sgd', learningRate: 0.05, momentum: 0.9 } };
const withAdam: PipelineSpec = { optimizer: { use: 'adam', learningRate: 0.01 } };
const maxl = (schedule: unknown): PipelineSpec => ({
  metaStep: { use: 'meta-gradient', schedule, optimizer: { use: 'adam', learningRate: 0.01 } },
});
const mlp: PipelineSpec = { model: { use: 'mlp', hidden: [8, 8], dropout: 0.3 } };
const plain = (auxiliary: PipelineSpec['auxiliary']): PipelineSpec => ({
  auxiliary: auxiliary!,
  metaStep: { use: 'none' },
});

/** The sum of the gradients and noise that one generator of the run goes on drawing. */
@injectable()
class Noise implements Combiner {
  readonly weights = { primary: 1, auxiliary: 1 };

  constructor(@inject(Random) private readonly random: Random) {}

  combine({ primary, auxiliary }: Readonly<Record<Task, Params>>): Params {
    using sum = disposable(addParams(primary, auxiliary));
    return mapParams(sum.params, (x) => tf.add(x, this.random.for('noise').uniform(-0.01, 0.01)));
  }
}

const noisy = definePlugin({
  name: 'noisy',
  apiVersion: 1,
  stages: { combiner: [stage('noise', 'adds noise', z.strictObject({}), Noise)] },
});

const cases: Record<string, PipelineSpec> = {
  'noise drawn as training goes': {
    ...withAdam,
    ...plain({ use: 'random-labels', psi: 2 }),
    combiner: { use: 'noise' },
  },

  'maxl, epoch, momentum': { ...withSgd, ...maxl('epoch') },
  'maxl, interleaved, adam': { ...withAdam, ...maxl('interleaved') },
  'maxl, streaming, momentum, pausing at every 2nd step': {
    ...withSgd,
    ...maxl('streaming'),
    checkpoints: { everySteps: 2, keep: 3 },
  },
  'maxl, streaming, adam, dropout': { ...withAdam, ...maxl('streaming'), ...mlp },
  'maxl, every second step, selected by validation': {
    ...withAdam,
    ...maxl({ every: 2 }),
    evaluation: { select: 'validation', lastEpochs: 2 },
  },
  'clusters, momentum, dropout': {
    ...withSgd,
    ...mlp,
    ...plain({ use: 'autoencoder-kmeans', psi: 2, epochs: 1, latent: 3, channels: 2 }),
  },
};

describe.each(Object.entries(cases))('a resumed run (%s)', (_, given) => {
  let changes: PipelineSpec;
  let whole: Record<string, unknown>;
  let total: number;
  beforeAll(async () => {
    const runs = place();
    changes = given;
    total = (await go({ ...changes, runs })).length;
    whole = await left(join(runs, 'toy', '001'));
  });

  it.each([
    ['stopped', false, [0.2, 0.8]],
    ['left', true, [0.5]],
  ])('ends as one that never paused, wherever it was %s', async (_, leave, places) => {
    for (const share of places) {
      const runs = place();
      const directory = join(runs, 'toy', '001');
      await go({ ...changes, runs }, { until: Math.min(Math.round(share * total), total - 2), leave });
      const before = tf.memory().numTensors;
      const told = await go({ ...changes, runs }, { resume: directory });
      expect(tf.memory().numTensors).toBe(before);
      expect(told[0]!.type).toBe('run:start');
      expect(told.at(-1)!.type).toBe('run:end');
      expect(await left(directory)).toEqual(whole);
    }
  });
});

describe('resuming', () => {
  const changes = { ...withSgd, ...maxl('streaming'), epochs: 3 };
  let runs: string;
  let directory: string;
  beforeAll(async () => {
    runs = place();
    directory = join(runs, 'toy', '001');
    await go({ ...changes, runs }, { until: 24 });
  });
  /** A copy of the stopped run, to spoil. */
  const copy = async (): Promise<string> => {
    const other = join(place(), 'toy', '001');
    await cp(directory, other, { recursive: true });
    return other;
  };
  const checkpointsOf = async (run: string): Promise<string[]> =>
    (await readdir(join(run, 'checkpoints'))).map((name) => join(run, 'checkpoints', name)).sort();

  it('several times over changes nothing', async () => {
    const other = await copy();
    for (const until of [26, 27, 30, 33]) await go(changes, { resume: other, until });
    await go(changes, { resume: other });
    const unbroken = place();
    await go({ ...changes, runs: unbroken });
    expect(await left(other)).toEqual(await left(join(unbroken, 'toy', '001')));
  });

  it('tells first what was recorded, steps left out, and where the record ends', async () => {
    const told = await go(changes, { resume: await copy() });
    const { resumed } = told[0] as Extract<RunEvent, { type: 'run:start' }>;
    expect(resumed!.sequence).toBeGreaterThan(20);
    const again = told.filter(({ sequence }) => sequence < resumed!.sequence);
    expect(again.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['run:start', 'epoch:start', 'epoch:end', 'checkpoint:written']),
    );
    expect(again.some(({ type }) => type === 'step:end')).toBe(false);
    expect(told.slice(again.length).map(({ sequence }) => sequence)).toEqual(
      told.slice(again.length).map((_, i) => resumed!.sequence + i),
    );
  });

  it('falls back to the checkpoint before a damaged one, and says so', async () => {
    const other = await copy();
    const newest = (await checkpointsOf(other)).at(-1)!;
    const file = await open(newest, 'r+');
    await file.write(Buffer.from([77]), 0, 1, 3000);
    await file.close();
    const told = await go(changes, { resume: other });
    expect(told.find(({ type }) => type === 'warning')).toMatchObject({ code: 'resume/damaged' });
    expect(told.at(-1)!.type).toBe('run:end');
    expect(await readdir(join(other, 'checkpoints'))).toContain(`${newest.split('/').at(-1)!}.damaged`);
  });

  it('refuses where all checkpoints are damaged, and touches nothing', async () => {
    const other = await copy();
    for (const file of await checkpointsOf(other)) await writeFile(file, 'no checkpoint');
    const record = await readFile(join(other, 'events.jsonl'), 'utf8');
    await expect(go(changes, { resume: other })).rejects.toMatchObject({ code: 'checkpoint/damaged' });
    expect(await readFile(join(other, 'events.jsonl'), 'utf8')).toBe(record);
    expect((await checkpointsOf(other)).every((file) => file.endsWith('.safetensors'))).toBe(true);
  });

  it('refuses another pipeline, naming the keys, unless forced', async () => {
    const other = await copy();
    const changed = { ...changes, optimizer: { use: 'sgd', learningRate: 0.05, momentum: 0.8 } };
    const refused = go(changed, { resume: other });
    await expect(refused).rejects.toThrow(/optimizer\.momentum: was 0\.9 when the run began, is 0\.8 now/);
    await expect(refused).rejects.toMatchObject({ code: 'resume/changed' });
    expect((await go(changed, { resume: other, force: true })).at(-1)!.type).toBe('run:end');
  });

  it('refuses a network of another shape even when forced', async () => {
    const changed = { ...changes, model: { use: 'conv4', channels: 4, hidden: 5 } };
    await expect(go(changed, { resume: await copy(), force: true })).rejects.toMatchObject({
      code: 'checkpoint/mismatch',
    });
  });

  it('refuses a finished run, and goes on with more epochs', async () => {
    const other = await copy();
    await go(changes, { resume: other });
    await expect(go(changes, { resume: other })).rejects.toMatchObject({ code: 'resume/finished' });
    const told = await go({ ...changes, epochs: 4 }, { resume: other });
    expect(told.at(-1)).toMatchObject({ type: 'run:end', summary: { epochs: 4 } });
    const rows = (await readFile(join(other, 'metrics.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2', '3', '4']);
  });

  it('says that the record lacks events, and goes on', async () => {
    const other = await copy();
    await rename(join(other, 'events.jsonl'), join(other, 'lost.jsonl'));
    await writeFile(join(other, 'events.jsonl'), '');
    const told = await go(changes, { resume: other });
    expect(told.find(({ type }) => type === 'warning')).toMatchObject({ code: 'resume/record' });
    expect(told.at(-1)!.type).toBe('run:end');
  });

  it('keeps what it can of a damaged record, and the rows that it tells of no more', async () => {
    const other = await copy();
    const record = join(other, 'events.jsonl');
    const text = await readFile(record, 'utf8');
    const [, second] = text.split('\n').flatMap((line, i) => (line.includes('"epoch:start"') ? [i] : []));
    const lines = text.split('\n').map((line, i) => (i === second! - 3 ? line.slice(0, 20) : line));
    await writeFile(record, lines.join('\n'));
    const told = await go(changes, { resume: other });
    expect(told.find(({ type }) => type === 'warning')).toMatchObject({ code: 'resume/record' });
    expect(await readFile(`${record}.damaged`, 'utf8')).toBe(lines.join('\n'));
    const rows = (await readFile(join(other, 'metrics.csv'), 'utf8')).trim().split('\n').slice(1);
    expect(rows.map((row) => row.split(',')[0])).toEqual(['1', '2', '3']);
    const kept = (await readFile(record, 'utf8')).trim().split('\n');
    expect(kept.map((line) => parseEvent(line).type).at(-1)).toBe('run:end');
  });

  it('refuses fewer epochs than have begun', async () => {
    await expect(go({ ...changes, epochs: 1 }, { resume: await copy() })).rejects.toThrow(
      /has begun 2 epochs already, more than the 1 asked for/,
    );
  });

  it('refuses a finished run without checkpoints, and a changed one, and touches nothing', async () => {
    const finished = place();
    await go({ ...changes, runs: finished });
    const other = join(finished, 'toy', '001');
    await rm(join(other, 'checkpoints'), { recursive: true });
    const before = await left(other);
    await expect(go(changes, { resume: other })).rejects.toMatchObject({ code: 'resume/no-checkpoint' });
    await rm(join(other, 'summary.json'));
    await expect(go({ ...changes, seed: 9 }, { resume: other })).rejects.toMatchObject({ code: 'resume/changed' });
    await writeFile(join(other, 'summary.json'), JSON.stringify({ status: 'stopped' }));
    expect({ ...(await left(other)), summary: 0 }).toEqual({ ...before, summary: 0 });
  });

  it("refuses a folder that is no run's, and touches nothing", async () => {
    const other = place();
    await mkdir(other);
    await writeFile(join(other, 'config.yaml'), 'my: config');
    await writeFile(join(other, 'events.jsonl'), 'precious');
    await expect(go(changes, { resume: other })).rejects.toThrow(/is no run folder/);
    expect(await readdir(other)).toEqual(['config.yaml', 'events.jsonl']);
    expect(await readFile(join(other, 'events.jsonl'), 'utf8')).toBe('precious');
  });

  it('begins anew in the folder of a run that was killed before its first checkpoint', async () => {
    const other = await copy();
    await rm(join(other, 'checkpoints'), { recursive: true });
    await go(changes, { resume: other });
    const unbroken = place();
    await go({ ...changes, runs: unbroken });
    expect(await left(other)).toEqual(await left(join(unbroken, 'toy', '001')));
  });

  it('is refused while another run uses the folder', async () => {
    const other = await copy();
    const first = go(changes, { resume: other });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(go(changes, { resume: other })).rejects.toMatchObject({ code: 'run/locked' });
    expect((await first).at(-1)!.type).toBe('run:end');
    expect(await readdir(other)).not.toContain('run.lock');
  });

  it('is refused for a folder that is not there', async () => {
    await expect(go(changes, { resume: join(folder, 'nowhere') })).rejects.toMatchObject({ code: 'resume/no-run' });
  });
});

describe('checkpoints', () => {
  it.each([
    ['in a run that never paused', undefined],
    ['in one that was left once the best was known', 45],
  ])('stay: the last ones and the best, %s', async (_, until) => {
    const runs = place();
    const directory = join(runs, 'toy', '001');
    const changes = { epochs: 6, seed: 3, ...withSgd, checkpoints: { keep: 2 } };
    if (until !== undefined) await go({ runs, ...changes }, { until, leave: true });
    await go({ runs, ...changes }, until === undefined ? {} : { resume: directory });
    const names = await readdir(join(directory, 'checkpoints'));
    const epochs = names.map((name) => Number(/epoch-(\d+)/.exec(name)![1])).sort();
    const metrics = (await readFile(join(directory, 'metrics.csv'), 'utf8')).trim().split('\n');
    const column = metrics[0]!.split(',').indexOf('validationAccuracy');
    const scores = metrics.slice(1).map((row) => Number(row.split(',')[column]));
    const best = scores.indexOf(Math.max(...scores)) + 1;
    expect(best).toBeLessThan(5);
    expect(epochs).toEqual([best, 5, 6]);
  });
});
