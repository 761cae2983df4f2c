import { describe, expect, it } from '@jest/globals';
import { lastValueFrom, toArray } from 'rxjs';
import { disposable, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { PipelineSpec, StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { isEvent } from '../../core/events/index.js';
import { compose, passesOf, run } from '../../core/pipeline/index.js';
import type { Combiner, TaskParams } from '../../core/stages/index.js';
import { Walk } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import { compare, distance } from '../meta-gradient/tape.js';
import { toyPipeline } from '../pipeline/toy.js';
import { surgery, unweightedGate, weightedGate } from './on-tape.js';

type OnTape = (gradients: TaskParams, combiner: Combiner) => Params;

const weightedSum: OnTape = ({ primary, auxiliary }, { weights }) =>
  Object.fromEntries(
    Object.entries(primary).map(([name, tensor]) => [
      name,
      tf.add(tf.mul(tensor, weights!.primary), tf.mul(auxiliary[name]!, weights!.auxiliary)),
    ]),
  );
/** Each with numbers of steps after which it has something to show: open gates, a conflict and none, weights that moved. */
const combiners: [string, StageSpec, OnTape, number[]][] = [
  ['cosine-gate, weighted', { use: 'cosine-gate' }, weightedGate, [1, 2]],
  ['cosine-gate, unweighted', { use: 'cosine-gate', gate: 'unweighted' }, unweightedGate, [1, 2]],
  ['pcgrad', { use: 'pcgrad' }, surgery, [0, 1]],
  ['uncertainty', { use: 'uncertainty', learningRate: 0.3 }, weightedSum, [2, 3]],
  ['gradnorm', { use: 'gradnorm', learningRate: 0.3 }, weightedSum, [2, 3]],
];
/** Nothing but the meta-gradient, on a smooth network. */
const auxiliary = { use: 'maxl', psi: [2, 1, 3], entropyWeight: 0 };
const optimizers: [string, StageSpec][] = [
  ['sgd', { use: 'sgd', learningRate: 0.1, momentum: 0.9 }],
  ['adam', { use: 'adam', learningRate: 0.1, epsilon: 0.1 }],
];

describe('the exact meta-gradient through a combiner', () => {
  const cases = combiners.flatMap(([name, combiner, combine, steps]) =>
    steps.map((trained, i) => {
      const [rule, optimizer] = optimizers[i]!;
      return { name, combiner, combine, rule, optimizer, trained, metaBatch: i === 0 ? 'inner' : 'next' };
    }),
  );
  const model = { use: 'mlp', hidden: [6, 5], batchNorm: true };

  it.each(cases)('$name, $rule, after $trained steps: is that of a tape', ({ combiner, optimizer, ...situation }) =>
    compare({ auxiliary, combiner, optimizer, model }, situation, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('unrolled'), expected)).toBeLessThan(2e-3);
    }),
  );

  it.each(combiners)('%s: finite differences come near it', (_, combiner, combine) =>
    compare({ auxiliary, combiner, model: { use: 'smooth' } }, { trained: 25, combine }, (gradient, expected) => {
      expect(distance(gradient('exact'), expected)).toBeLessThan(2e-3);
      expect(distance(gradient('finite-difference'), expected)).toBeLessThan(0.02);
    }),
  );

  it('is nothing where the gate is closed: the step leaves the labels out of the trunk', async () => {
    const optimizer = { use: 'sgd', learningRate: 0.1 };
    using composition = await compose(
      await toyPipeline(
        {
          auxiliary,
          model,
          combiner: { use: 'cosine-gate' },
          optimizer,
          metaStep: { use: 'meta-gradient', optimizer },
        },
        { samples: 40, batch: 7 },
      ),
    );
    const { state, dataset, random, metaStep } = composition;
    using drawn = new Walk(dataset, random, 'meta', 1).at(0);
    const position = { epoch: 0, epochs: 1, pass: 'meta', step: 1 };
    using gradient = disposable(metaStep.methods!['exact']!(state, drawn.batch, position, drawn.draw));
    expect(normParams(gradient.params)).toBe(0);
  });
});

const values = ({ variables: { params } }: Learner) =>
  Object.values(params).flatMap((tensor) => [...tensor.dataSync<'float32'>()]);

/** Weights of both networks after some steps. */
async function trained(changes: PipelineSpec): Promise<{ theta1: number[]; theta2: number[] }> {
  using composition = await compose(await toyPipeline(changes));
  const { dataset, random, state } = composition;
  const [pass] = passesOf(composition);
  const position = (step: number) => ({ epoch: 0, epochs: 1, pass: 'train', step });
  for (let place = 0; place < 4; place++) {
    using drawn = new Walk(dataset, random, 'train', 1).at(place);
    pass!.step(state, drawn.batch, position(place + 1), drawn.draw);
  }
  using next = new Walk(dataset, random, 'train', 1).at(4);
  pass!.settle?.(state, next.batch, position(4), next.draw);
  return { theta1: values(state.theta1), theta2: values(state.theta2!) };
}

describe.each(combiners)('%s', (_, combiner) => {
  const optimizer = { use: 'sgd', learningRate: 0.1 };
  const model = { use: 'mlp', hidden: [6] };

  it('streams as it interleaves, though its weights move on before the streaming meta-step', async () => {
    const fast = { use: 'sgd', learningRate: 20 };
    const metaStep = (schedule: string) => ({ use: 'meta-gradient', schedule, metaBatch: 'next', optimizer: fast });
    const spec = { auxiliary, combiner, model, gradientCosine: 0 };
    const streaming = await trained({ ...spec, metaStep: metaStep('streaming') });
    const interleaved = await trained({ ...spec, metaStep: metaStep('interleaved') });
    for (const network of ['theta1', 'theta2'] as const) {
      streaming[network].forEach((value, i) => expect(value).toBeCloseTo(interleaved[network][i]!, 4));
    }
  });

  it('learns from the steps that theta1 takes, not from look-aheads', async () => {
    using composition = await compose(
      await toyPipeline({ auxiliary, combiner, model, metaStep: { use: 'meta-gradient', optimizer } }),
    );
    const { state, dataset, random } = composition;
    const [train, meta] = passesOf(composition);
    const kept = () => JSON.stringify(composition.combiner.snapshot?.().values);
    using drawn = new Walk(dataset, random, 'train', 1).at(0);
    const take = (pass: typeof train) =>
      pass!.step(state, drawn.batch, { epoch: 0, epochs: 1, pass: 'train', step: 1 }, drawn.draw);
    const first = kept();
    take(train);
    take(train);
    const second = kept();
    if (composition.combiner.learn) expect(second).not.toBe(first);
    take(meta);
    expect(kept()).toBe(second);
  });

  it('runs with any strategy, the same for the same seed, and leaves nothing', async () => {
    const before = tf.memory().numTensors;
    const losses = async () => {
      const spec = {
        combiner,
        model,
        auxiliary: { use: 'random-labels', psi: 2 },
        metaStep: { use: 'none' },
        epochs: 1,
      };
      const events = await lastValueFrom(run(await toyPipeline(spec), { record: false }).pipe(toArray()));
      return events.filter(isEvent('step:end')).map(({ primaryLoss, auxiliaryLoss }) => [primaryLoss, auxiliaryLoss]);
    };
    const first = await losses();
    expect(first).toHaveLength(5);
    expect(await losses()).toEqual(first);
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a combiner that a look-ahead does not fit', () => {
  it.each<[string, object, RegExp]>([
    ['pcgrad', { method: 'double-backward' }, /double-backward needs a combiner that is a weighted sum[^]*exact/],
    ['cosine-gate', { method: 'unrolled', steps: 2 }, /2 steps ahead need a combiner that is a weighted sum/],
    ['uncertainty', { method: 'unrolled', steps: 2 }, /learns its weights[^]*one step ahead/],
  ])('%s, %j is refused', async (use, keys, message) => {
    const optimizer = { use: 'sgd', learningRate: 0.1 };
    const pipeline = await toyPipeline({ combiner: { use }, metaStep: { use: 'meta-gradient', optimizer, ...keys } });
    await expect(compose(pipeline)).rejects.toThrow(message);
    await expect(compose(pipeline)).rejects.toBeInstanceOf(ConfigError);
  });
});
