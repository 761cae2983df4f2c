import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { inject, injectable } from 'inversify';
import { lastValueFrom, tap } from 'rxjs';
import { z } from 'zod';
import { addParams, mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { PipelineSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { isEvent, type RunEvent } from '../../core/events/index.js';
import { RunError } from '../../core/errors/index.js';
import { run, type RunOptions } from '../../core/pipeline/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type {
  AuxiliaryLabels,
  Combiner,
  DatasetSource,
  Labels,
  Observer,
  Position,
  Schedule,
  Task,
} from '../../core/stages/index.js';
import { toyDataset, toyPipeline } from './toy.js';

let runs: string;
beforeAll(async () => (runs = await mkdtemp(join(tmpdir(), 'auxflow-faults-'))));
afterAll(() => rm(runs, { recursive: true }));

const SpoilConfig = z.strictObject({ at: z.int(), tensor: z.string() });

/** The sum of the gradients, in which one tensor is NaN at one update. */
@injectable()
class Spoil implements Combiner {
  readonly weights = { primary: 1, auxiliary: 1 };
  private updates = 0;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof SpoilConfig>) {}

  combine({ primary, auxiliary }: Readonly<Record<Task, Params>>): Params {
    const sum = addParams(primary, auxiliary);
    if (++this.updates !== this.config.at) return sum;
    const spoilt = mapParams(sum, (x, name) => (name === this.config.tensor ? tf.fill(x.shape, NaN) : x.clone()));
    tf.dispose(sum);
    return spoilt;
  }
}

/** The toy images, one pixel of which is NaN. */
@injectable()
class Dirty implements DatasetSource {
  async load() {
    const dataset = toyDataset({});
    const { train } = dataset;
    const inputs = (indices: Int32Array): tf.Tensor => {
      using clean = train.inputs(indices);
      return indices.includes(13) ? tf.mul(clean, NaN) : clean.clone();
    };
    return { ...dataset, train: { ...train, inputs } };
  }
}

/** Labels that can't be made anew at the start of the second epoch. */
@injectable()
class Rejects implements AuxiliaryLabels {
  readonly head = undefined;
  async epochStart(epoch: number): Promise<void> {
    if (epoch === 2) throw new TypeError('no clusters');
  }
  for(): Labels {
    throw new Error('no labels');
  }
}

/** A schedule that is NaN from a position on. */
@injectable()
class Gone implements Schedule {
  constructor(@inject(StageConfig) private readonly config: { readonly from: number }) {}

  at({ epoch }: Position): number {
    return epoch < this.config.from ? 0.01 : NaN;
  }
}

const faulty = definePlugin({
  name: 'faulty',
  apiVersion: 1,
  stages: {
    combiner: [stage('spoil', 'spoils a gradient', SpoilConfig, Spoil)],
    schedule: [stage('gone', 'turns NaN', z.strictObject({ from: z.number() }), Gone)],
    dataset: [stage('dirty', 'holds a NaN', z.strictObject({}), Dirty)],
    auxiliary: [stage('rejects', 'rejects', z.strictObject({}), Rejects)],
  },
});

/** Runs until it fails. @returns what it failed with, and its last event. */
async function failure(changes: PipelineSpec, options: RunOptions = {}, data: Parameters<typeof toyDataset>[0] = {}) {
  const started = run(await toyPipeline({ runs, ...changes }, { plugins: [faulty], ...data }), options);
  const seen: RunEvent[] = [];
  const error = await lastValueFrom(started.pipe(tap((event) => seen.push(event)))).then(
    () => undefined,
    (reason: unknown) => reason as Error,
  );
  await started.closed;
  return { error, seen, last: seen.at(-1)! };
}

describe('what is not finite', () => {
  const spoil = (at: number, tensor: string): PipelineSpec => ({
    combiner: { use: 'spoil', at, tensor },
    auxiliary: { use: 'random-labels', psi: 2 },
    metaStep: { use: 'none' },
  });

  it('in a gradient ends the run at the next loss, naming network, layer, step and the last checkpoint', async () => {
    const { error, last } = await failure({ name: 'gradient', ...spoil(7, 'primary/logits/kernel'), epochs: 3 });
    expect(error).toMatchObject({ name: 'RunError', code: 'run/non-finite', stage: 'loss' });
    expect(error!.message).toMatch(/primary loss is NaN at epoch 2, step 3 of the train pass/);
    expect(error!.message).toMatch(/theta1's primary\/logits\/kernel is NaN/);
    const [checkpoint] = await readdir(join(runs, 'gradient/001/checkpoints'));
    expect(last).toMatchObject({ type: 'run:failed', checkpoint: join(runs, 'gradient/001/checkpoints', checkpoint!) });
  });

  it('in a weight is found within 20 steps, though no loss may show it', async () => {
    const { error } = await failure(
      { name: 'hidden', ...spoil(3, 'trunk/block3/conv/kernel'), epochs: 1 },
      {},
      { samples: 66, batch: 3 },
    );
    expect(error!.message).toMatch(/theta1's trunk.* is NaN after step 20 of the train pass in epoch 1/);
  });

  it('in a weight is never written to a checkpoint', async () => {
    const { error } = await failure({ name: 'weight', ...spoil(10, 'trunk/block3/conv/kernel'), epochs: 2 });
    expect(error!.message).toMatch(/theta1's trunk\/block3\/conv\/kernel is NaN after 2 epochs/);
    expect(await readdir(join(runs, 'weight/001/checkpoints'))).toHaveLength(1);
  });

  it('in a loss, of weights that are finite but huge, names the network and the layer', async () => {
    const { error } = await failure({ name: 'huge', optimizer: { use: 'sgd', learningRate: 1e30 }, epochs: 1 });
    expect(error!.message).toMatch(
      /loss is (NaN|Infinity) at epoch 1, step 2.*; theta1's \S+ has grown to \d\S*e\+\d+/,
    );
  });

  it('in the look-ahead, of a label network that is huge, names that network', async () => {
    const optimizer = { use: 'sgd', learningRate: 1e30 };
    const { error } = await failure({ name: 'labels', metaStep: { use: 'meta-gradient', optimizer }, epochs: 2 });
    expect(error!.message).toMatch(/; theta2's \S+ (has grown to|is (NaN|-?Infinity))/);
  });

  it('in a learning rate is said of the rate', async () => {
    const { error } = await failure({
      name: 'rate',
      optimizer: { use: 'sgd', learningRate: { use: 'gone', from: 1.5 } },
    });
    expect(error).toMatchObject({ code: 'run/learning-rate', stage: 'optimizer' });
    expect(error!.message).toMatch(/the learning rate is NaN at epoch 2, step 4 of the train pass/);
  });

  it('in the inputs is told from what training did', async () => {
    const { error } = await failure({ name: 'inputs', dataset: { use: 'dirty' } });
    expect(error).toMatchObject({ code: 'run/non-finite' });
    expect(error!.message).toMatch(/a value of the batch's inputs is NaN/);
  });
});

describe('one funnel', () => {
  it('names the plugin whose promise was rejected, and keeps the cause', async () => {
    const { error, seen } = await failure({
      name: 'rejected',
      auxiliary: { use: 'rejects' },
      metaStep: { use: 'none' },
    });
    expect(error).toMatchObject({ name: 'RunError', cause: expect.any(TypeError) });
    expect(error!.message).toBe('auxiliary "rejects" of plugin faulty: no clusters');
    expect(seen.filter(({ type }) => /^run:(end|stopped|failed)$/.test(type))).toHaveLength(1);
    const summary = JSON.parse(await readFile(join(runs, 'rejected/001/summary.json'), 'utf8')) as unknown;
    expect(summary).toMatchObject({ status: 'failed', epochs: 1 });
  });

  it('fails after its step with what it is told from outside, and leaves no tensor', async () => {
    const { numTensors } = tf.memory();
    const stop = new AbortController();
    const stray = new RunError('run/stray', 'nobody caught it');
    const observer: Observer = {
      name: 'stopping',
      observe: (events) => events.forEach(({ sequence }) => (sequence === 4 ? stop.abort(stray) : undefined)),
    };
    const { error, last } = await failure({ name: 'stray' }, { signal: stop.signal, observers: [observer] });
    expect(error).toBe(stray);
    expect(last).toMatchObject({ type: 'run:failed', error: { code: 'run/stray' }, checkpoint: expect.any(String) });
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('reports an observer that can write nothing down once, and writes the checkpoints all the same', async () => {
    const full: Observer = {
      name: 'full disk',
      observe: (events) => events.forEach(() => undefined),
      flush: () => Promise.reject(new Error('ENOSPC')),
    };
    const { error, seen } = await failure({ name: 'flush', epochs: 3 }, { observers: [full] });
    expect(error).toBeUndefined();
    expect(seen.filter(isEvent('listener:error')).map(({ listener }) => listener)).toEqual(['full disk']);
    expect(await readdir(join(runs, 'flush/001/checkpoints'))).not.toHaveLength(0);
  });
});
