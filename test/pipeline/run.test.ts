import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { injectable } from 'inversify';
import { filter, firstValueFrom, lastValueFrom, take, toArray } from 'rxjs';
import { z } from 'zod';
import { loadPipeline } from '../../core/config/index.js';
import { engineInfo, tf } from '../../core/engine/index.js';
import { ConfigError, RunError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { dryRun, run } from '../../core/pipeline/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import type {
  AuxiliaryLabels,
  Labels,
  MetaStep,
  Observer,
  Pass,
  PrepareProgress,
  PassOptions,
} from '../../core/stages/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { toyPipeline, toyPlugin } from './toy.js';

const quiet = { record: false };
const lastTypes = new Set<RunEvent['type']>(['run:end', 'run:stopped', 'run:failed']);

/** What a run measured, without clock times. */
const timeless = (events: readonly RunEvent[]): unknown[] =>
  events.map((event): unknown =>
    JSON.parse(JSON.stringify(event, (key, value: unknown) => (/time|Ms$/.test(key) ? 0 : value))),
  );

const events = async (...args: Parameters<typeof run>): Promise<RunEvent[]> => {
  const started = run(...args);
  const all = await lastValueFrom(started.pipe(toArray()));
  await started.closed;
  return all;
};

/** Collects what an observer sees, in spite of how the run ends. */
const recorder = (): Observer & { seen: RunEvent[] } => {
  const seen: RunEvent[] = [];
  return {
    name: 'recorder',
    seen,
    observe: (source) =>
      new Promise((resolve) => source.subscribe({ next: (event) => seen.push(event), complete: resolve })),
  };
};

describe('a run', () => {
  it('tells its story in order, in frozen numbered events, and frees every tensor', async () => {
    const before = tf.memory().numTensors;
    const all = await events(await toyPipeline(), quiet);
    expect(tf.memory().numTensors).toBe(before);
    expect(all.map(({ sequence }) => sequence)).toEqual(all.map((_, i) => i));
    expect(all.every((event) => Object.isFrozen(event))).toBe(true);
    expect(all.filter(({ type }) => lastTypes.has(type))).toHaveLength(1);
    const epoch = [
      'epoch:start',
      ...Array(5).fill('step:end'),
      ...Array(5).fill('meta-step:end'),
      'evaluate:end',
      'epoch:end',
    ] as string[];
    expect(all.map(({ type }) => type)).toEqual(['run:start', ...epoch, ...epoch, 'evaluate:end', 'run:end']);
  });

  it('counts the short last batch by its samples', async () => {
    const all = await events(await toyPipeline({ epochs: 1 }), quiet);
    const steps = all.filter(isEvent('step:end'));
    expect(steps.map(({ samples }) => samples)).toEqual([6, 6, 6, 6, 2]);
    const mean = steps.reduce((sum, step) => sum + step.primaryLoss * step.samples, 0) / 26;
    expect(all.find(isEvent('epoch:end'))!.metrics.primaryLoss).toBeCloseTo(mean, 10);
    const test = all.filter(isEvent('evaluate:end')).at(-1)!;
    expect(test.samples).toBe(31);
    expect(Number.isInteger(Math.round(test.primaryAccuracy! * 31 * 1e6) / 1e6)).toBe(true);
  });

  it('measures the same twice from one seed, and something else from another', async () => {
    const pipeline = await toyPipeline();
    const [first, second] = [timeless(await events(pipeline, quiet)), timeless(await events(pipeline, quiet))];
    expect(second).toEqual(first);
    expect(timeless(await events(await toyPipeline({ seed: 4 }), quiet))).not.toEqual(first);
  });

  it('does not touch another run beside it', async () => {
    const pipeline = await toyPipeline();
    const alone = timeless(await events(pipeline, quiet));
    const shared = run(pipeline, quiet);
    const both = await Promise.all([1, 2].map(() => lastValueFrom(shared.pipe(toArray()))));
    expect(both.map(timeless)).toEqual([alone, alone]);
  });

  it('is cold: nothing happens before someone subscribes', async () => {
    const before = tf.memory().numTensors;
    const started = run(await toyPipeline(), quiet);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(tf.memory().numTensors).toBe(before);
    await started.closed;
  });

  it('stops within a step of unsubscribing and frees everything; observers hear that it stopped', async () => {
    const before = tf.memory().numTensors;
    const watch = recorder();
    const started = run(await toyPipeline({ epochs: 50 }), { ...quiet, observers: [watch] });
    await firstValueFrom(started.pipe(filter(isEvent('step:end')), take(3), toArray()));
    await started.closed;
    expect(tf.memory().numTensors).toBe(before);
    expect(watch.seen.filter(isEvent('step:end'))).toHaveLength(3);
    expect(watch.seen.at(-1)).toMatchObject({ type: 'run:stopped', reason: 'unsubscribed' });
  });

  it('stops gracefully when its signal is aborted: the step is finished, weights are written, run:stopped is last', async () => {
    const runs = await mkdtemp(join(tmpdir(), 'auxflow-'));
    const stop = new AbortController();
    const started = run(await toyPipeline({ epochs: 100_000, runs }), { signal: stop.signal });
    const all: RunEvent[] = [];
    started.subscribe((event) => {
      all.push(event);
      if (event.type === 'meta-step:end') stop.abort('enough');
    });
    await started.closed;
    expect(all.at(-1)).toMatchObject({ type: 'run:stopped', reason: 'enough', epoch: 0 });
    expect(all.filter(isEvent('meta-step:end'))).toHaveLength(1);
    expect((await readdir(join(runs, 'toy', '001', 'weights'))).sort()).toEqual([
      'theta1.safetensors',
      'theta2.safetensors',
    ]);
    await rm(runs, { recursive: true });
  });

  it('reports a throwing listener once and goes on', async () => {
    const all: RunEvent[] = [];
    const started = run(await toyPipeline({ epochs: 1 }), {
      ...quiet,
      observers: [
        {
          name: 'broken',
          observe: async (source) =>
            void source.subscribe(() => {
              throw new Error('observer');
            }),
        },
        { name: 'watch', observe: async (source) => void source.subscribe((event) => all.push(event)) },
      ],
    });
    started.subscribe(() => {
      throw new Error('subscriber');
    });
    await started.closed;
    const errors = all.filter(isEvent('listener:error'));
    expect(errors.map(({ listener, error }) => [listener, error.message])).toEqual([
      ['broken', 'observer'],
      ['subscriber', 'subscriber'],
    ]);
    expect(all.at(-1)!.type).toBe('run:end');
  });

  it('writes a run folder: config, events, metrics, summary, weights', async () => {
    const runs = await mkdtemp(join(tmpdir(), 'auxflow-'));
    await events(await toyPipeline({ runs }));
    const folder = join(runs, 'toy', '001');
    expect((await readdir(folder)).sort()).toEqual([
      'checkpoints',
      'config.yaml',
      'events.jsonl',
      'metrics.csv',
      'summary.json',
      'weights',
    ]);
    expect((await readFile(join(folder, 'metrics.csv'), 'utf8')).trim().split('\n')).toHaveLength(3);
    const summary = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8')) as {
      labelUse: unknown[];
      engine: unknown;
    };
    expect(summary.engine).toEqual(engineInfo());
    expect(summary.labelUse).toHaveLength(3);
    await rm(runs, { recursive: true });
  });
});

describe('faults', () => {
  it('a non-finite loss fails the run, naming stage, step and term; run:failed is last; nothing leaks', async () => {
    const before = tf.memory().numTensors;
    const watch = recorder();
    const pipeline = await toyPipeline({ optimizer: { use: 'sgd', learningRate: 1e38 } });
    const failed = lastValueFrom(run(pipeline, { ...quiet, observers: [watch] }));
    await expect(failed).rejects.toThrow(/^loss: the primary loss is NaN at epoch 1, step 2 of the train pass/);
    await expect(failed).rejects.toBeInstanceOf(RunError);
    expect(watch.seen.at(-1)).toMatchObject({ type: 'run:failed', error: { code: 'run/non-finite', stage: 'loss' } });
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses a last batch of one with batch norm before training, by name', async () => {
    const before = tf.memory().numTensors;
    const pipeline = await toyPipeline({}, { samples: 25 });
    await expect(dryRun(pipeline)).rejects.toThrow(
      /25 training samples in batches of 6 leave a batch of one.*trunk\/block1\/norm/,
    );
    await expect(dryRun(pipeline)).rejects.toBeInstanceOf(ConfigError);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('refuses psi of the wrong length, naming the classes', async () => {
    const pipeline = await toyPipeline({ auxiliary: { use: 'maxl', psi: [2, 3] } });
    await expect(dryRun(pipeline)).rejects.toThrow(/psi lists 2 numbers.*3 classes/);
  });

  it('refuses more auxiliary classes than training samples before any memory is asked for them', async () => {
    const pipeline = await toyPipeline({ auxiliary: { use: 'maxl', psi: 1_000_000 } });
    await expect(dryRun(pipeline)).rejects.toThrow(/psi asks for 1000000 auxiliary classes.*only \d+ training samples/);
  });

  it('wraps what a plugin throws with the place it happened at, and keeps the cause', async () => {
    @injectable()
    class Broken implements AuxiliaryLabels {
      readonly head = { task: 'classification' as const, outputs: 2 };
      for(): Labels {
        throw new TypeError('out of labels');
      }
    }
    const plugin = definePlugin({
      name: 'broken',
      apiVersion: 1,
      stages: { auxiliary: [stage('broken', 'always throws', z.strictObject({}), Broken)] },
    });
    const pipeline = await toyPipeline(
      { auxiliary: { use: 'broken' }, metaStep: { use: 'none' } },
      { plugins: [plugin] },
    );
    const failed = lastValueFrom(run(pipeline, quiet));
    await expect(failed).rejects.toThrow(
      'step 1 of the train pass in epoch 1, auxiliary "broken" of plugin broken: out of labels',
    );
    await expect(failed).rejects.toMatchObject({ cause: expect.any(TypeError) as unknown });
  });
});

describe('preparation', () => {
  it('shows progress, and a run that leaves in the middle waits for it before anything is freed', async () => {
    const ends: string[] = [];
    @injectable()
    class Slow implements AuxiliaryLabels {
      readonly head = undefined;
      *prepare(): Iterable<PrepareProgress> {
        try {
          for (let i = 1; i <= 4; i++) yield { fraction: i / 4, metrics: { loss: 1 / i } };
        } finally {
          ends.push('prepare');
        }
      }
      for(): Labels {
        throw new Error('no labels');
      }
    }
    const plugin = definePlugin({
      name: 'slow',
      apiVersion: 1,
      stages: { auxiliary: [stage('slow', 'prepares', z.strictObject({}), Slow)] },
    });
    const pipeline = await toyPipeline(
      { auxiliary: { use: 'slow' }, metaStep: { use: 'none' }, epochs: 1 },
      { plugins: [plugin] },
    );
    const all = await events(pipeline, quiet);
    expect(all.filter(isEvent('prepare:progress')).map(({ fraction }) => fraction)).toEqual([0.25, 0.5, 0.75, 1]);
    expect(all.some(isEvent('prepare:end'))).toBe(true);

    const started = run(pipeline, quiet);
    await firstValueFrom(started.pipe(filter(isEvent('prepare:progress'))));
    await started.closed;
    expect(ends).toEqual(['prepare', 'prepare']);
  });
});

describe('passes', () => {
  it('walk over all samples, each pass of each epoch in an order of its own', async () => {
    const orders: Record<string, number[]> = {};
    @injectable()
    class TwoPasses implements MetaStep {
      passes({ train }: PassOptions): readonly Pass[] {
        return ['first', 'second'].map((name) => ({
          name,
          step: (state, batch, position, draw) => {
            (orders[`${name} ${Math.floor(position.epoch)}`] ??= []).push(...batch.indices);
            return train(state, batch, position, draw);
          },
        }));
      }
    }
    const plugin = definePlugin({
      name: 'two',
      apiVersion: 1,
      stages: { metaStep: [stage('two', 'two passes', z.strictObject({}), TwoPasses)] },
    });
    await events(await toyPipeline({ metaStep: { use: 'two' } }, { plugins: [plugin] }), quiet);
    expect(Object.keys(orders)).toEqual(['first 0', 'second 0', 'first 1', 'second 1']);
    const sorted = Array.from({ length: 26 }, (_, i) => i);
    for (const order of Object.values(orders)) expect([...order].sort((a, b) => a - b)).toEqual(sorted);
    expect(new Set(Object.values(orders).map(String)).size).toBe(4);
  });
});

describe('an idle meta-step', () => {
  it('is said as a warning when the strategy has nothing to learn, and the run goes on without it', async () => {
    const pipeline = await toyPipeline({ auxiliary: { use: 'random-labels', psi: 2 }, epochs: 1 });
    const all = await events(pipeline, quiet);
    const { code, message } = all.find(isEvent('warning'))!;
    expect({ code, message }).toEqual({ code: 'meta-step/idle', message: expect.stringMatching(/nothing to do/) });
    expect((await dryRun(pipeline)).warnings).toEqual([{ code, message }]);
    expect((await dryRun(await toyPipeline())).warnings).toEqual([]);
    expect(all.some(isEvent('meta-step:end'))).toBe(false);
    expect(all.at(-1)!.type).toBe('run:end');
  });
});

describe('faults that only show when stages are built', () => {
  it('stand where their key was written', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'auxflow-'));
    const file = join(folder, 'p.yaml');
    await writeFile(
      file,
      'dataset: { use: toy }\nmodel: { use: mlp }\noptimizer: { use: sgd, learningRate: 0.1 }\nauxiliary: { use: maxl, psi: [1, 2] }\n',
    );
    const options = { plugins: [...builtIn, toyPlugin()], defaults };
    await expect(dryRun(await loadPipeline(file, options))).rejects.toThrow(
      /p\.yaml:4:30: auxiliary\.psi: psi lists 2/,
    );
    const set = await loadPipeline(file, { ...options, set: ['auxiliary.psi=[4]'] });
    await expect(dryRun(set)).rejects.toThrow(/--set auxiliary\.psi/);
    await rm(folder, { recursive: true });
  });
});

describe('a held-out split of one sample', () => {
  it('is refused where batch norm would have to train on it', async () => {
    const metaStep = { use: 'meta-gradient', metaBatch: 'held-out', optimizer: { use: 'sgd', learningRate: 0.1 } };
    await expect(lastValueFrom(run(await toyPipeline({ metaStep }, { heldOut: 1 }), quiet))).rejects.toThrow(
      /dataset\.heldOut: one held-out sample/,
    );
  });
});
