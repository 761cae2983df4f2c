import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import type { PipelineSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import type { RunEvent } from '../../core/events/index.js';
import { dryRun, run } from '../../core/pipeline/index.js';
import { toyPipeline } from './toy.js';

const single: PipelineSpec = { auxiliary: { use: 'single-task' }, metaStep: { use: 'none' } };

async function finished(changes: PipelineSpec) {
  const all = await lastValueFrom(
    run(await toyPipeline({ ...single, ...changes }), { record: false }).pipe(toArray<RunEvent>()),
  );
  const { summary } = all.find(isEvent('run:end'))!;
  const scores = all.filter(isEvent('evaluate:end'));
  return { summary, tests: scores.filter(({ split }) => split === 'test'), scores, all };
}

/** Rates at which the toy's validation accuracy goes up and down again. */
const restless = { optimizer: { use: 'sgd', learningRate: 2 }, epochs: 8 };

describe('the test split', () => {
  it('is read once, with the last weights, where nothing else is asked for', async () => {
    const { summary, tests } = await finished({});
    expect(tests.map(({ epoch }) => epoch)).toEqual([2]);
    expect(summary).not.toHaveProperty('selected');
    expect(summary).not.toHaveProperty('lastEpochs');
  });

  it('is read after each of the last epochs, for the mean of their accuracies', async () => {
    const { summary, tests, all } = await finished({ ...restless, evaluation: { lastEpochs: 3 } });
    expect(tests.map(({ epoch }) => epoch)).toEqual([6, 7, 8]);
    const accuracies = tests.map(({ primaryAccuracy }) => primaryAccuracy);
    expect(new Set(accuracies).size).toBeGreaterThan(1);
    expect(summary.lastEpochs!.epochs).toBe(3);
    expect(summary.lastEpochs!.meanAccuracy).toBeCloseTo((accuracies[0]! + accuracies[1]! + accuracies[2]!) / 3, 12);
    expect(summary.test.primaryAccuracy).toBe(accuracies[2]);
    const before = all.findIndex((event) => event.type === 'epoch:end' && event.epoch === 6);
    expect(all.slice(0, before).filter(isEvent('evaluate:end')).at(-1)).toBe(tests[0]);
  });

  it('is read after every epoch at most', async () => {
    const { summary } = await finished({ evaluation: { lastEpochs: 5 } });
    expect(summary.lastEpochs!.epochs).toBe(2);
  });
});

describe('the epoch that validation selects', () => {
  it('is the earliest of the best, and its weights are tested as they were then', async () => {
    const before = tf.memory().numTensors;
    const { summary, scores, tests } = await finished({ ...restless, evaluation: { select: 'validation' } });
    expect(tf.memory().numTensors).toBe(before);
    const validation = scores.filter(({ split }) => split === 'validation').map((score) => score.primaryAccuracy!);
    const best = validation.indexOf(Math.max(...validation)) + 1;
    expect(best).toBeLessThan(8);
    expect(validation.lastIndexOf(Math.max(...validation)) + 1).toBeGreaterThan(best);
    expect(tests.map(({ epoch }) => epoch)).toEqual([8, best]);
    expect(summary.selected).toMatchObject({ epoch: best, validation: { primaryAccuracy: validation[best - 1] } });
    const shorter = await finished({ ...restless, epochs: best });
    expect(summary.selected!.test).toEqual(shorter.summary.test);
    expect(summary.test).not.toEqual(summary.selected!.test);
  });

  it('is not tested twice where it is among the last', async () => {
    const { tests, summary } = await finished({ ...restless, evaluation: { select: 'validation', lastEpochs: 8 } });
    expect(tests.map(({ epoch }) => epoch)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(summary.selected!.test.primaryAccuracy).toBe(tests[summary.selected!.epoch - 1]!.primaryAccuracy);
    expect(summary.test.primaryAccuracy).toBe(tests[7]!.primaryAccuracy);
  });

  it.each(['aborted', 'unsubscribed'])(
    'leaves nothing behind in a run that is %s, which reads no test',
    async (way) => {
      const before = tf.memory().numTensors;
      const stop = new AbortController();
      const changes = { ...single, epochs: 50, evaluation: { select: 'validation' as const } };
      const started = run(await toyPipeline(changes), { record: false, signal: stop.signal });
      const seen: RunEvent[] = [];
      const subscription = started.subscribe((event) => {
        seen.push(event);
        if (event.type !== 'epoch:end' || event.epoch < 2) return;
        if (way === 'aborted') stop.abort('enough');
        else setImmediate(() => subscription.unsubscribe());
      });
      await started.closed;
      expect(seen.some((event) => event.type === 'evaluate:end' && event.split === 'validation')).toBe(true);
      expect(seen.some((event) => event.type === 'evaluate:end' && event.split === 'test')).toBe(false);
      expect(tf.memory().numTensors).toBe(before);
    },
  );

  it('needs validation samples, and says how to get them', async () => {
    const pipeline = await toyPipeline({
      ...single,
      dataset: { use: 'mnist', train: 60 },
      evaluation: { select: 'validation' },
    });
    await expect(dryRun(pipeline)).rejects.toThrow(
      /evaluation\.select: mnist holds no validation samples.*\n.*dataset\.validation/,
    );
    await expect(dryRun(pipeline)).rejects.toBeInstanceOf(ConfigError);
  });
});

describe('scheduleEpochs', () => {
  const rates = async (changes: PipelineSpec) => {
    const learningRate = { use: 'step', initial: 0.1, every: 1, factor: 0.5 };
    const { all } = await finished({ optimizer: { use: 'sgd', learningRate }, ...changes });
    return all.filter(isEvent('epoch:end')).map(({ metrics }) => Number(metrics.learningRate.toPrecision(6)));
  };

  it('stretches every schedule to all epochs', async () => {
    expect(await rates({ epochs: 2 })).toEqual([0.1, 0.05]);
    expect(await rates({ epochs: 4, scheduleEpochs: 2 })).toEqual([0.1, 0.1, 0.05, 0.05]);
    expect(await rates({ epochs: 2, scheduleEpochs: 4 })).toEqual([0.05, 0.0125]);
  });
});
