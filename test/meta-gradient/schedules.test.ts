import { describe, expect, it } from '@jest/globals';
import { injectable } from 'inversify';
import { lastValueFrom, toArray } from 'rxjs';
import { z } from 'zod';
import { chain, dense, dropout, flatten } from '../../core/autodiff/index.js';
import type { Layer, Params } from '../../core/autodiff/index.js';
import type { PipelineSpec, StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { isEvent } from '../../core/events/index.js';
import { compose, passesOf, run } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import type { Model, Pass } from '../../core/stages/index.js';
import { Walk } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';

const optimizer = { use: 'adam', learningRate: 0.01 };
const metaStep = (keys: object): StageSpec => ({ use: 'meta-gradient', optimizer, ...keys });
/** With an optimizer for theta2 that doesn't blow rounding errors up, as Adam's first step does. */
const slowly = (keys: object): StageSpec => metaStep({ ...keys, optimizer: { use: 'sgd', learningRate: 0.1 } });
const position = (pass: string, step: number) => ({ epoch: 0, epochs: 1, pass, step });

const values = (params: Params): Record<string, number[]> =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, [...tensor.dataSync()]]));
const weights = ({ variables, optimizer: { tensors, count } }: Learner) => ({
  ...values(variables.params),
  ...values(variables.state),
  ...values(tensors),
  count: [count],
});
const both = ({ state }: Composition) => ({ theta1: weights(state.theta1), theta2: weights(state.theta2!) });

function expectClose(ours: Record<string, number[]>, theirs: Record<string, number[]>): void {
  expect(Object.keys(ours)).toEqual(Object.keys(theirs));
  for (const [name, numbers] of Object.entries(ours)) {
    for (const [i, value] of numbers.entries()) expect(Math.abs(value - theirs[name]![i]!)).toBeLessThan(2e-5);
  }
}

/** `count` steps of the first pass, or of the named one. */
function walk({ dataset, random, state, ...composition }: Composition, pass: Pass, count: number): void {
  expect(composition.network.headNames).toHaveLength(2);
  for (let place = 0; place < count; place++) {
    using drawn = new Walk(dataset, random, 'train', 1).at(place);
    pass.step(state, drawn.batch, position(pass.name, place + 1), drawn.draw);
  }
}

const optimizers: [string, StageSpec][] = [
  ['sgd', { use: 'sgd', learningRate: 0.1 }],
  ['sgd with momentum', { use: 'sgd', learningRate: 0.05, momentum: 0.9 }],
  ['adam', { use: 'adam', learningRate: 0.01, epsilon: 0.001 }],
];

describe('the interleaved schedule', () => {
  it.each(optimizers)('%s: makes the training step and the meta-step of the same point', async (_, rule) => {
    using together = await compose(
      await toyPipeline({ optimizer: rule, metaStep: slowly({ schedule: 'interleaved' }) }),
    );
    const apart = await toyPipeline({ optimizer: rule, metaStep: slowly({ schedule: 'epoch' }) });
    using trained = await compose(apart);
    using taught = await compose(apart);
    walk(together, passesOf(together)[0]!, 1);
    walk(trained, passesOf(trained)[0]!, 1);
    walk(taught, passesOf(taught)[1]!, 1);
    expectClose(weights(together.state.theta1), weights(trained.state.theta1));
    expectClose(weights(together.state.theta2!), weights(taught.state.theta2!));
  });
});

describe('the streaming schedule', () => {
  it.each(optimizers)('%s: is interleaved with the next batch as meta batch', async (_, rule) => {
    using interleaved = await compose(
      await toyPipeline({ optimizer: rule, metaStep: metaStep({ schedule: 'interleaved', metaBatch: 'next' }) }),
    );
    using streaming = await compose(
      await toyPipeline({ optimizer: rule, metaStep: metaStep({ schedule: 'streaming' }) }),
    );
    const [pass] = passesOf(streaming);
    walk(interleaved, passesOf(interleaved)[0]!, 4);
    walk(streaming, pass!, 4);
    using next = new Walk(streaming.dataset, streaming.random, 'train', 1).at(4);
    pass!.settle!(streaming.state, next.batch, position('train', 4), next.draw);
    expectClose(both(streaming).theta1, both(interleaved).theta1);
    expectClose(both(streaming).theta2, both(interleaved).theta2);
  });

  it("reports a meta-step as its own step's, with the rate of that time", async () => {
    const metaSteps = async (schedule: string) => {
      const cosine = { use: 'sgd', learningRate: { use: 'cosine', initial: 0.1 } };
      const pipeline = await toyPipeline({ metaStep: metaStep({ schedule, optimizer: cosine, metaBatch: 'next' }) });
      const events = await lastValueFrom(run(pipeline, { record: false }).pipe(toArray()));
      return events
        .filter(isEvent('meta-step:end'))
        .map(({ epoch, step, samples, learningRate }) => ({ epoch, step, samples, learningRate }));
    };
    const streaming = await metaSteps('streaming');
    expect(streaming).toHaveLength(10);
    expect(streaming).toEqual(await metaSteps('interleaved'));
  });

  it('is so with masks too, each step and each look-ahead having those of its update', async () => {
    @injectable()
    class Dropping implements Model {
      trunk(): Layer {
        return chain(flatten(), dropout('trunk/dropout', { rate: 0.5 }), dense('trunk/dense', { units: 6 }));
      }
      head(name: string, _: unknown, outputs: number): Layer {
        return dense(`${name}/logits`, { units: outputs });
      }
    }
    const plugins = [
      definePlugin({
        name: 'dropping',
        apiVersion: 1,
        stages: { model: [stage('dropping', 'a network with dropout', z.strictObject({}), Dropping)] },
      }),
    ];
    const model = { use: 'dropping' };
    using interleaved = await compose(
      await toyPipeline({ model, metaStep: slowly({ schedule: 'interleaved', metaBatch: 'next' }) }, { plugins }),
    );
    using streaming = await compose(
      await toyPipeline({ model, metaStep: slowly({ schedule: 'streaming' }) }, { plugins }),
    );
    const [pass] = passesOf(streaming);
    walk(interleaved, passesOf(interleaved)[0]!, 3);
    walk(streaming, pass!, 3);
    using next = new Walk(streaming.dataset, streaming.random, 'train', 1).at(3);
    pass!.settle!(streaming.state, next.batch, position('train', 3), next.draw);
    expectClose(both(streaming).theta1, both(interleaved).theta1);
    expectClose(both(streaming).theta2, both(interleaved).theta2);
  });

  it('gives the same weights, bit for bit, however often it is paused', async () => {
    const train = async (pausedAfter: (step: number) => boolean) => {
      using composition = await compose(await toyPipeline({ metaStep: metaStep({ schedule: 'streaming' }) }));
      const [pass] = passesOf(composition);
      const { dataset, random, state } = composition;
      for (let place = 0; place < 6; place++) {
        using drawn = new Walk(dataset, random, 'train', 1).at(place);
        pass!.step(state, drawn.batch, position('train', place + 1), drawn.draw);
        if (pausedAfter(place)) {
          using next = new Walk(dataset, random, 'train', 1).at(place + 1);
          pass!.settle!(state, next.batch, position('train', place + 1), next.draw);
          expect(pass!.settle!(state, next.batch, position('train', place + 1), next.draw)).toEqual([]);
        }
      }
      return both(composition);
    };
    const never = await train((place) => place === 5);
    expect(await train(() => true)).toEqual(never);
    expect(await train((place) => place % 2 === 1)).toEqual(never);
  });

  it('leaves nothing behind, whether it ends, fails or is left', async () => {
    const before = tf.memory().numTensors;
    const pipeline = await toyPipeline({ metaStep: metaStep({ schedule: 'streaming' }), epochs: 1 });
    await lastValueFrom(run(pipeline, { record: false }));
    expect(tf.memory().numTensors).toBe(before);

    const left = run(pipeline, { record: false });
    await new Promise<void>((resolve) => {
      const subscription = left.subscribe((event) => {
        if (!isEvent('step:end')(event) || event.step < 2) return;
        subscription.unsubscribe();
        resolve();
      });
    });
    await left.closed;
    expect(tf.memory().numTensors).toBe(before);

    const wild = await toyPipeline({
      metaStep: metaStep({ schedule: 'streaming' }),
      optimizer: { use: 'sgd', learningRate: 1e30 },
    });
    await expect(lastValueFrom(run(wild, { record: false }))).rejects.toThrow(/loss/);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('the number of updates', () => {
  const updates = async (changes: PipelineSpec) => {
    const events = await lastValueFrom(run(await toyPipeline(changes), { record: false }).pipe(toArray()));
    return [events.filter(isEvent('step:end')).length, events.filter(isEvent('meta-step:end')).length];
  };

  it.each<[string, object, number]>([
    ['epoch', { schedule: 'epoch' }, 10],
    ['interleaved', { schedule: 'interleaved' }, 10],
    ['streaming', { schedule: 'streaming' }, 10],
    ['every 1', { schedule: { every: 1 } }, 10],
    ['every 3', { schedule: { every: 3 } }, 3],
    ['epoch, three steps ahead', { method: 'unrolled', steps: 3 }, 10],
  ])('%s: 10 training steps in two epochs', async (_, keys, metaSteps) => {
    expect(await updates({ model: { use: 'mlp', hidden: [5] }, metaStep: metaStep(keys), epochs: 2 })).toEqual([
      10,
      metaSteps,
    ]);
  });
});

/** Counts what a trunk computes, in forward passes: a pullback and a pushforward count two. */
function counting(layer: Layer, add: (passes: number) => void): Layer {
  return {
    ...layer,
    linearize(variables, x, mode) {
      add(1);
      const point = layer.linearize(variables, x, mode);
      return {
        ...point,
        pullback: (cotangent, want) => {
          add(2);
          return point.pullback(cotangent, want);
        },
        pushforward: (tangents, input) => {
          add(2);
          return point.pushforward(tangents, input);
        },
      };
    },
  };
}

describe('the cost of a batch, in forward passes of one network', () => {
  let passes = 0;
  @injectable()
  class Counted implements Model {
    trunk(): Layer {
      const trunk = chain(flatten(), dense('trunk/dense', { units: 4 }));
      return counting(trunk, (more) => (passes += more));
    }
    head(name: string, _: unknown, outputs: number): Layer {
      return dense(`${name}/logits`, { units: outputs });
    }
  }
  const plugin = definePlugin({
    name: 'counted',
    apiVersion: 1,
    stages: { model: [stage('counted', 'a network that counts', z.strictObject({}), Counted)] },
  });

  it.each<[string, object, number, number]>([
    ['epoch', { schedule: 'epoch' }, 0, 15],
    ['epoch, with the gradient cosine', { schedule: 'epoch' }, 1, 17],
    ['epoch, finite differences', { method: 'finite-difference' }, 0, 15],
    ['epoch, no look-ahead', { method: 'no-look-ahead' }, 0, 14],
    ['interleaved', { schedule: 'interleaved' }, 0, 11],
    ['interleaved, with the gradient cosine', { schedule: 'interleaved' }, 1, 13],
    ['streaming, with the gradient cosine', { schedule: 'streaming' }, 1, 10],
    ['every 4', { schedule: { every: 4 } }, 0, 4 + 11 / 4],
  ])('%s', async (_, keys, gradientCosine, expected) => {
    const pipeline = await toyPipeline(
      { model: { use: 'counted' }, metaStep: metaStep(keys), gradientCosine },
      { plugins: [plugin] },
    );
    using composition = await compose(pipeline);
    const stream = passesOf(composition);
    walk(composition, stream[0]!, 1);
    passes = 0;
    for (const pass of stream) walk(composition, pass, 4);
    expect(passes / 4).toBe(expected);
  });
});

describe('a schedule that a method or a batch does not fit', () => {
  it('of streaming and another meta batch is not answered by the name that was refused', async () => {
    const refused = toyPipeline({ metaStep: metaStep({ schedule: 'streaming', metaBatch: 'inner' }) });
    await expect(refused).rejects.toThrow(/leave metaBatch out$/);
  });

  it.each<[object, RegExp]>([
    [{ schedule: 'streaming', method: 'finite-difference' }, /streaming goes with exact/],
    [{ schedule: 'streaming', metaBatch: 'held-out' }, /leave metaBatch out/],
    [{ schedule: 'interleaved', method: 'unrolled' }, /one-step methods/],
    [{ method: 'exact', steps: 2 }, /use unrolled/],
    [{ schedule: 'epoch', metaBatch: 'held-out' }, /holds no samples out.*\n?/],
    [{ method: 'unrolled', steps: 6 }, /6 steps ahead need as many batches, and an epoch has 5/],
    [{ schedule: { every: 1.5 } }, /every: expected an integer/],
    [{ schedule: { every: 1, foo: 2 } }, /foo: unknown key[^]*Known keys: every/],
  ])('%j is refused', async (keys, message) => {
    await expect(
      (async () => {
        using composition = await compose(await toyPipeline({ metaStep: metaStep(keys) }));
        return composition.pipeline.name;
      })(),
    ).rejects.toThrow(message);
  });
});

describe('the norms of what moves the labels', () => {
  it.each(['epoch', 'interleaved', 'streaming'])(
    '%s: those of the primary classes make up the whole',
    async (schedule) => {
      const pipeline = await toyPipeline({ epochs: 1, metaStep: metaStep({ schedule }) });
      const events = await lastValueFrom(run(pipeline, { record: false }).pipe(toArray()));
      const steps = events.filter(isEvent('meta-step:end'));
      expect(steps.length).toBeGreaterThan(0);
      for (const {
        metaCotangentNorm,
        metaCotangentNorms,
        regulariserCotangentNorm,
        regulariserCotangentNorms,
      } of steps) {
        expect(metaCotangentNorms).toHaveLength(3);
        expect(Math.hypot(...metaCotangentNorms!)).toBeCloseTo(metaCotangentNorm, 6);
        expect(Math.hypot(...regulariserCotangentNorms!)).toBeCloseTo(regulariserCotangentNorm, 6);
      }
      expect(Math.max(...steps.map(({ metaCotangentNorm }) => metaCotangentNorm))).toBeGreaterThan(1e-3);
      const last = events.findLast(isEvent('epoch:end'))!;
      expect(Math.max(...last.labelUse!.map(({ metaShare = 0 }) => metaShare))).toBeGreaterThan(0);
    },
  );
});
