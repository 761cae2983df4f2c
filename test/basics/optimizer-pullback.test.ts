import { describe, expect, it } from '@jest/globals';
import { addParams, disposeParams, mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { gradient, optimizerOf, params, pointAfter, rules, valuesOf } from './optimizer-rules.js';

const direction = [1, -2, 3, 0.5, -1, 2];

/** Parameters, gradients and state under one roof, as `params/kernel` or `state/m/kernel`. */
const gathered = (parts: Readonly<Record<string, Params>>): Params =>
  Object.fromEntries(
    Object.entries(parts).flatMap(([part, tensors]) =>
      Object.entries(tensors).map(([name, tensor]) => [`${part}/${name}`, tensor]),
    ),
  );
const part = (all: Params, name: string): Params =>
  Object.fromEntries(
    Object.entries(all).flatMap(([key, tensor]) =>
      key.startsWith(`${name}/`) ? [[key.slice(name.length + 1), tensor]] : [],
    ),
  );
/** Different numbers for every tensor. */
const cotangentsOf = (tensors: Params): Params =>
  mapParams(tensors, (tensor, name) => tf.cos(tf.add(tf.reshape(tf.range(0, tensor.size), tensor.shape), name.length)));

describe("an optimizer's pullback", () => {
  it.each(rules)('%s: is the transpose of the update in all it was given', (_, rule) => {
    for (const steps of [0, 3]) {
      tf.tidy(() => {
        const { optimizer, params: weights, state } = pointAfter(steps, rule);
        const gradients = params(gradient);
        const given = gathered({ params: weights, gradients, state: state.tensors });
        const cotangents = { params: params(direction), state: cotangentsOf(state.tensors) };
        const onTape = tf.grads((...values: tf.Tensor[]) => {
          const inputs = Object.fromEntries(Object.keys(given).map((name, i) => [name, values[i]!]));
          const before = { tensors: part(inputs, 'state'), count: state.count };
          const next = optimizer.update(part(inputs, 'params'), part(inputs, 'gradients'), before, 0.1);
          const made = gathered({ params: next.params, state: next.state.tensors });
          const weighed = Object.entries(gathered(cotangents)).map(([key, u]) => tf.sum(tf.mul(made[key]!, u)));
          return tf.addN(weighed);
        })(Object.values(given));

        const ours = gathered({ ...optimizer.lookAhead(weights, gradients, state, 0.1).pullback!(cotangents) });
        expect(Object.keys(ours).sort()).toEqual(Object.keys(given).sort());
        for (const [i, name] of Object.keys(given).entries()) {
          const expected = onTape[i]!.dataSync();
          const difference = Math.hypot(...expected.map((value, k) => value - ours[name]!.dataSync()[k]!));
          expect(difference).toBeLessThan(1e-5 * Math.hypot(...expected) + 1e-7);
        }
      });
    }
  });

  it.each(rules)('%s: has the adjoint as its part in the gradients', (_, rule) => {
    for (const steps of [0, 3]) {
      tf.tidy(() => {
        const { optimizer, params: weights, state } = pointAfter(steps, rule);
        const ahead = optimizer.lookAhead(weights, params(gradient), state, 0.1);
        for (const v of [params(direction), { bias: params(direction)['bias']! }, {}]) {
          const back = ahead.pullback!({ params: v, state: {} });
          const adjoint = ahead.adjoint(v);
          expect(Object.keys(back.gradients)).toEqual(Object.keys(adjoint));
          expect(valuesOf(back.gradients)).toEqual(valuesOf(adjoint));
        }
      });
    }
  });

  it.each(rules)('%s: is a sum of what the weights and what the state send back', (_, rule) => {
    tf.tidy(() => {
      const { optimizer, params: weights, state } = pointAfter(3, rule);
      const ahead = optimizer.lookAhead(weights, params(gradient), state, 0.1);
      const back = (v: Params, u: Params) => gathered({ ...ahead.pullback!({ params: v, state: u }) });
      const [v, u] = [params(direction), cotangentsOf(state.tensors)];
      const [sum, both] = [addParams(back(v, {}), back({}, u)), back(v, u)];
      for (const [name, tensor] of Object.entries(both)) {
        const expected = tensor.dataSync();
        const difference = Math.hypot(...sum[name]!.dataSync().map((value, k) => value - expected[k]!));
        expect(difference).toBeLessThan(1e-6 * Math.hypot(...expected) + 1e-6);
      }
    });
  });

  it.each(rules)('%s: outlives what the look-ahead was given, and leaks nothing', (_, rule) => {
    const before = tf.memory().numTensors;
    {
      const optimizer = optimizerOf(rule);
      const start = params(direction);
      const fresh = optimizer.init(start);
      const gradients = params(gradient);
      const { params: weights, state } = optimizer.update(start, gradients, fresh, 0.1);
      disposeParams(start, fresh.tensors);

      using ahead = optimizer.lookAhead(weights, gradients, state, 0.1);
      const next = optimizer.update(weights, gradients, state, 0.1);
      expect(valuesOf(ahead.params)).toEqual(valuesOf(next.params));
      expect(ahead.state.count).toBe(2);
      for (const [key, tensor] of Object.entries(next.state.tensors)) {
        expect([...ahead.state.tensors[key]!.dataSync()]).toEqual([...tensor.dataSync()]);
      }

      const v = params(direction);
      const u = cotangentsOf(state.tensors);
      const [first, second] = [0, 1].map((time) => {
        if (time === 1) disposeParams(weights, gradients, state.tensors);
        const back = ahead.pullback!({ params: v, state: u });
        const all = [ahead.adjoint(v), back.params, back.gradients, back.state];
        const values = all.flatMap((tensors) => Object.values(tensors).flatMap((tensor) => [...tensor.dataSync()]));
        disposeParams(...all);
        return values;
      });
      expect(first).toEqual(second);
      disposeParams(v, u, next.params, next.state.tensors);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});
