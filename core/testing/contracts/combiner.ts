import assert from 'node:assert/strict';
import { disposeParams, dotParams, mapParams } from '../../autodiff/index.js';
import type { Params } from '../../autodiff/index.js';
import { Generator, tf } from '../../engine/index.js';
import type { Combiner, TaskParams } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { close, near, noise, noiseLike, numbersOf, same, sameForm, slope } from '../comparisons.js';
import { type Saved, saved } from '../saved.js';
import type { Check } from '../suite.js';

/** What the contract of a combiner asks beyond its configuration and whole runs. */
export const combinerChecks = (bench: Bench): Check[] => {
  /**
   * Before the first update and after what a run may have taught it; at gradients that agree on the trunk, and at ones that
   * conflict; what `work` makes is freed.
   */
  const at = (name: string, work: (combiner: Combiner, gradients: TaskParams, random: Generator) => void): Check => ({
    name,
    run: () =>
      bench.with(({ combiner }) => {
        for (const updates of [0, 20]) {
          learn(combiner, updates);
          for (const sign of [1, -1]) {
            const random = Generator.for(2, 'combiner');
            tf.tidy(() => work(combiner, sampleGradients(sign, random), random));
          }
        }
      }),
  });
  return [
    at('makes one gradient of all parameters', (combiner, gradients) => {
      sameForm(combiner.combine(gradients), union(gradients), 'the combined gradient');
    }),
    at('is the weighted sum that its weights say, where it has some', (combiner, gradients) => {
      const { weights } = combiner;
      if (!weights) return;
      assert.ok(Number.isFinite(weights.primary) && Number.isFinite(weights.auxiliary), JSON.stringify(weights));
      const sum = mapParams(
        union(gradients),
        (zero, _, p, a) => tf.add(tf.mul(p ?? zero, weights.primary), tf.mul(a ?? zero, weights.auxiliary)),
        gradients.primary,
        gradients.auxiliary,
      );
      close(combiner.combine(gradients), sum, 1e-5, 'the combined gradient');
    }),
    at('knows its derivative in the auxiliary gradient, where it says how', (combiner, gradients, random) => {
      if (!combiner.adjoint) return;
      const direction = noiseLike(union(gradients), random);
      const change = noiseLike(gradients.auxiliary, random);
      const along = slope(
        (auxiliary) => dotParams(combiner.combine({ ...gradients, auxiliary }), direction),
        gradients.auxiliary,
        change,
        1e-2,
      );
      near(dotParams(combiner.adjoint(gradients, direction), change), along, 2e-2, 1e-3, '<adjoint(v), da>');
    }),
    {
      name: 'gives its tensors to the caller, and only borrows what it is given',
      run: () =>
        bench.with(({ combiner }) => {
          const { primary, auxiliary } = sampleGradients(-1, Generator.for(2, 'combiner'));
          const all = { ...prefixed('p', primary), ...prefixed('a', auxiliary) };
          learn(combiner, 1);
          const before = { numbers: numbersOf(all), tensors: tf.memory().numTensors };
          combiner.learn?.({ losses: { primary: 1, auxiliary: 0.5 }, gradients: { primary, auxiliary } });
          disposeParams(combiner.combine({ primary, auxiliary }));
          disposeParams(combiner.adjoint?.({ primary, auxiliary }, { ...primary, ...auxiliary }));
          assert.equal(tf.memory().numTensors - before.tensors, 0, 'tensors left behind');
          same(numbersOf(all), before.numbers, 'the tensors that were lent');
          disposeParams(all);
        }),
    },
    {
      name: 'goes on from its snapshot with what it learned',
      async run() {
        let kept: Saved | undefined;
        const expected = await bench.with(({ combiner }) => {
          learn(combiner, 3);
          kept = saved(combiner);
          return afterwards(combiner);
        });
        const found = await bench.with(({ combiner }) => {
          if (kept) kept.restore(combiner);
          return afterwards(combiner);
        });
        same(found, expected, kept ? 'after restore' : 'it learns, but has no snapshot');
      },
    },
  ];
};

/** Gradients of a trunk and two heads, the trunk's at an angle of 60 or 120 degrees or so; owned by the caller. */
function sampleGradients(sign: number, random: Generator): TaskParams {
  const kernel = noise([3, 4], random);
  return {
    primary: { 'trunk/kernel': kernel, 'primary/bias': noise([3], random) },
    auxiliary: {
      'trunk/kernel': tf.tidy(() => tf.add(tf.mul(kernel, sign), noise([3, 4], random))),
      'auxiliary/bias': noise([6], random),
    },
  };
}

/** Zeros for every parameter of either task. */
const union = ({ primary, auxiliary }: TaskParams): Params =>
  mapParams({ ...primary, ...auxiliary }, (tensor) => tf.zerosLike(tensor));

const prefixed = (prefix: string, params: Params): Params =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [`${prefix}:${name}`, tensor]));

/** Updates at losses that fall unevenly, and at an auxiliary gradient that is the larger one. */
function learn(combiner: Combiner, updates: number): void {
  const random = Generator.for(3, 'combiner');
  for (let n = 0; n < updates; n++) {
    const { primary, auxiliary } = sampleGradients(1, random);
    const larger = mapParams(auxiliary, (tensor) => tf.mul(tensor, 3));
    const losses = { primary: 0.9 ** n, auxiliary: 2 * 0.7 ** n };
    combiner.learn?.({ losses, gradients: { primary, auxiliary: larger } });
    disposeParams(primary, auxiliary, larger);
  }
}

/** What a combiner says and does, now and after more updates. */
function afterwards(combiner: Combiner): string {
  const say = () => {
    const { primary, auxiliary } = sampleGradients(1, Generator.for(4, 'combiner'));
    const combined = combiner.combine({ primary, auxiliary });
    const said = { weights: { ...combiner.weights }, combined: numbersOf(combined) };
    disposeParams(primary, auxiliary, combined);
    return said;
  };
  const first = say();
  learn(combiner, 3);
  return JSON.stringify([first, say()]);
}
