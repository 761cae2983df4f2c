import assert from 'node:assert/strict';
import { disposeParams, dotParams, mapParams, normParams } from '../../autodiff/index.js';
import type { Params } from '../../autodiff/index.js';
import { Generator, tf } from '../../engine/index.js';
import type { Optimizer, OptimizerState } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { close, near, noise, noiseLike, numbersOf, same, sameForm, slope } from '../comparisons.js';
import type { Check } from '../suite.js';

const rate = 0.05;

/** What the contract of an optimizer asks beyond its configuration and whole runs. */
export const optimizerChecks = (bench: Bench): Check[] => {
  /** At fresh state, and after two updates; what `work` makes is freed. */
  const at = (name: string, work: (optimizer: Optimizer, point: Point) => void): Check => ({
    name,
    run: () =>
      bench.with(({ optimizer }) =>
        tf.tidy(() => {
          for (const updates of [0, 2]) work(optimizer, pointAfter(optimizer, updates));
        }),
      ),
  });
  return [
    at('counts its updates, and keeps names and shapes', (optimizer, { params, gradients, state }) => {
      const moved = optimizer.update(params, gradients, state, rate);
      assert.equal(moved.state.count, state.count + 1);
      sameForm(moved.params, params, 'the parameters');
      sameForm(moved.state.tensors, state.tensors, 'the state');
    }),
    at('is a pure function', (optimizer, { params, gradients, state }) => {
      const update = () => {
        const moved = optimizer.update(params, gradients, state, rate);
        return [numbersOf(moved.params), numbersOf(moved.state.tensors)];
      };
      same(update(), update(), 'the same update');
    }),
    at('takes a parameter without a gradient as one whose gradient is 0', (optimizer, { params, gradients, state }) => {
      const [name, ...others] = Object.keys(gradients) as [string, ...string[]];
      const absent = Object.fromEntries(others.map((other) => [other, gradients[other]!]));
      const zero = { ...gradients, [name]: tf.zerosLike(gradients[name]!) };
      const [ours, theirs] = [absent, zero].map((given) => optimizer.update(params, given, state, rate).params);
      close(ours!, theirs!, 1e-6, 'the parameters');
    }),
    {
      name: 'goes down a bowl',
      run: () =>
        bench.with(({ optimizer }) => {
          const { start, end } = tf.tidy(() => {
            let { params, state } = pointAfter(optimizer, 0);
            const start = normParams(params);
            for (let n = 0; n < 100; n++) ({ params, state } = optimizer.update(params, params, state, rate));
            return { start, end: normParams(params) };
          });
          assert.ok(end < 0.5 * start, `100 updates took |theta| from ${start} to ${end}`);
        }),
    },
    at('looks ahead to where an update leads', (optimizer, { params, gradients, state }) => {
      const ahead = optimizer.lookAhead(params, gradients, state, rate);
      const moved = optimizer.update(params, gradients, state, rate);
      close(ahead.params, moved.params, 1e-6, 'the parameters');
      close(ahead.state.tensors, moved.state.tensors, 1e-6, 'the state');
      assert.equal(ahead.state.count, moved.state.count);
    }),
    at('knows the derivative of its step in the gradient', (optimizer, { params, gradients, state, random }) => {
      const [direction, change] = [noiseLike(params, random), noiseLike(params, random)];
      const ahead = optimizer.lookAhead(params, gradients, state, rate);
      const adjoint = ahead.adjoint(direction);
      const found = slope(
        (moved) => dotParams(optimizer.lookAhead(params, moved, state, rate).params, direction),
        gradients,
        change,
        1e-2,
      );
      near(dotParams(adjoint, change), found, 3e-2, 1e-4, '<adjoint(v), dg>, to differences');
      if (ahead.factor === undefined) return;
      close(
        adjoint,
        mapParams(direction, (v) => tf.mul(v, ahead.factor!)),
        1e-5,
        'adjoint(v), to factor * v',
      );
    }),
    at('pulls back through the whole step, where it says how', (optimizer, { params, gradients, state, random }) => {
      const ahead = optimizer.lookAhead(params, gradients, state, rate);
      if (!ahead.pullback) return;
      const cotangents = { params: noiseLike(params, random), state: noiseLike(state.tensors, random) };
      const { params: p, gradients: g, state: s } = ahead.pullback(cotangents);
      const back = joined({ params: p, gradients: g, state: s });
      const everything = joined({ params, gradients, state: state.tensors });
      // In proportion, since some of the state can't be negative.
      const change = mapParams(everything, (tensor) => tf.mul(tensor, noise(tensor.shape, random)));
      const along = slope(
        (moved) => {
          const at = (part: string): Params => partOf(moved, part);
          const there = optimizer.lookAhead(at('params'), at('gradients'), { ...state, tensors: at('state') }, rate);
          return dotParams(there.params, cotangents.params) + dotParams(there.state.tensors, cotangents.state);
        },
        everything,
        change,
        1e-2,
      );
      near(dotParams(back, change), along, 3e-2, 1e-3, 'the pullback along a change, to differences');
    }),
    {
      name: 'gives its tensors to the caller, and only borrows what it is given',
      run: () =>
        bench.with(({ optimizer }) => {
          const { params, gradients, state, random } = pointAfter(optimizer, 2);
          const direction = noiseLike(params, random);
          const all = joined({ params, gradients, state: state.tensors, direction });
          const before = { numbers: numbersOf(all), tensors: tf.memory().numTensors };
          for (let n = 0; n < 2; n++) {
            const moved = optimizer.update(params, gradients, state, rate);
            disposeParams(moved.params, moved.state.tensors);
            const ahead = optimizer.lookAhead(params, gradients, state, rate);
            disposeParams(ahead.adjoint(direction));
            const back = ahead.pullback?.({ params: direction, state: {} });
            disposeParams(back?.params, back?.gradients, back?.state);
            ahead[Symbol.dispose]();
          }
          assert.equal(tf.memory().numTensors - before.tensors, 0, 'tensors that updates leave behind');
          same(numbersOf(all), before.numbers, 'the tensors that were lent');
          disposeParams(all);
        }),
    },
  ];
};

interface Point {
  readonly params: Params;
  readonly gradients: Params;
  readonly state: OptimizerState;
  readonly random: Generator;
}

/** Fresh parameters, gradients well away from 0, and the optimizer's state after some updates; owned by the caller. */
function pointAfter(optimizer: Optimizer, updates: number): Point {
  const random = Generator.for(1, 'optimizer');
  let params: Params = { 'trunk/kernel': noise([3, 2], random), 'primary/bias': noise([3], random) };
  const gradients = mapParams(params, ({ shape }) => {
    using values = noise(shape, random);
    return tf.tidy(() => tf.add(values, tf.mul(0.5, tf.sign(values))));
  });
  let state = optimizer.init(params);
  assert.equal(state.count, 0, 'updates made before the first one');
  for (let n = 0; n < updates; n++) {
    const before = [params, state.tensors];
    ({ params, state } = optimizer.update(params, gradients, state, rate));
    disposeParams(...before);
  }
  return { params, gradients, state, random };
}

const joined = (parts: Readonly<Record<string, Params>>): Params =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, params]) =>
      Object.entries(params).map(([name, tensor]) => [`${part}:${name}`, tensor]),
    ),
  );

const partOf = (params: Params, part: string): Params =>
  Object.fromEntries(
    Object.entries(params).flatMap(([name, tensor]) =>
      name.startsWith(`${part}:`) ? [[name.slice(part.length + 1), tensor]] : [],
    ),
  );
