import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { disposeParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { OptimizerState } from '../../core/stages/index.js';
import { AdamConfig } from '../../plugins/basics/adam.js';
import { AdamWConfig } from '../../plugins/basics/adamw.js';
import { SgdConfig } from '../../plugins/basics/sgd.js';
import { earlier, gradient, optimizerOf, params, pointAfter, rules, theta, valuesOf } from './optimizer-rules.js';
import { referenceUpdate, startingAt } from './reference-update.js';
import type { ReferencePoint, ReferenceRule } from './reference-update.js';

const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);

/** d/dh <v, theta+(g + h w)> at h = 0, by central differences in double precision. */
function slope(
  rule: ReferenceRule,
  at: ReferencePoint,
  g: readonly number[],
  v: readonly number[],
  w: readonly number[],
) {
  const h = 1e-6;
  const along = (step: number): number =>
    dot(
      v,
      referenceUpdate(
        rule,
        at,
        g.map((x, i) => x + step * w[i]!),
        0.1,
      ).theta,
    );
  return (along(h) - along(-h)) / (2 * h);
}

describe('optimizers', () => {
  it.each(rules)('%s follows its definition over several steps and leaks nothing', (_, rule) => {
    const before = tf.memory().numTensors;
    const optimizer = optimizerOf(rule);
    let weights = params(theta);
    let state: OptimizerState = optimizer.init(weights);
    let expected = startingAt(theta);
    for (const [i, values] of [gradient, ...earlier].entries()) {
      // In one step no loss reaches the bias.
      const whole = params(values);
      const { kernel } = whole;
      const next = optimizer.update(weights, i === 2 ? { kernel: kernel! } : whole, state, 0.1 / (i + 1));
      disposeParams(weights, state.tensors, whole);
      ({ params: weights, state } = next);
      expected = referenceUpdate(rule, expected, i === 2 ? [...values.slice(0, 4), 0, 0] : values, 0.1 / (i + 1));
      expect(state.count).toBe(i + 1);
      for (const [k, value] of valuesOf(weights).entries()) expect(value).toBeCloseTo(expected.theta[k]!, 5);
    }
    disposeParams(weights, state.tensors);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(rules)('%s: the adjoint is its factor where it has one, as unclipped descent alone does', (name, rule) => {
    const before = tf.memory().numTensors;
    {
      const optimizer = optimizerOf(rule);
      const [weights, given, v] = [theta, gradient, earlier[0]!].map(params) as [Params, Params, Params];
      const state = optimizer.init(weights);
      using ahead = optimizer.lookAhead(weights, given, state, 0.1);
      expect(ahead.factor !== undefined).toBe(rule.rule === 'sgd' && !name.includes('clipped'));
      const adjoint = ahead.adjoint(v);
      const { factor } = ahead;
      if (factor !== undefined) {
        for (const [k, value] of valuesOf(adjoint).entries()) expect(value).toBeCloseTo(factor * valuesOf(v)[k]!, 6);
      }
      disposeParams(weights, given, v, state.tensors, adjoint);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(rules)('%s: the adjoint is the derivative of the update, whatever the numbers', (_, rule) => {
    const number = fc.integer({ min: -100, max: 100 }).map((x) => x / 100);
    const vector = fc.array(number, { minLength: 6, maxLength: 6 });
    // Adam's update has a kink where a gradient is 0.
    const smooth = fc.array(
      number.map((x) => x + (x < 0 ? -0.05 : 0.05)),
      { minLength: 6, maxLength: 6 },
    );
    fc.assert(
      fc.property(smooth, vector, vector, fc.nat(3), (g, v, w, steps) => {
        fc.pre(rule.clipNorm === undefined || Math.abs(Math.hypot(...g) - rule.clipNorm) > 1e-3);
        tf.tidy(() => {
          const { optimizer, params: weights, state, plain } = pointAfter(steps, rule);
          const adjoint = valuesOf(optimizer.lookAhead(weights, params(g), state, 0.1).adjoint(params(v)));
          const scale = adjoint.reduce((sum, x, i) => sum + Math.abs(x * w[i]!), 0);
          expect(Math.abs(dot(adjoint, w) - slope(rule, plain, g, v, w))).toBeLessThan(2e-4 * scale + 1e-8);
        });
      }),
      { numRuns: 25, seed: 1 },
    );
  });

  it("gives Adam's first step its closed form, and the limit where the second moment is 0", () => {
    tf.tidy(() => {
      const optimizer = optimizerOf({ rule: 'adam', epsilon: 1e-3 });
      const weights = { w: tf.tensor1d([1, 1]) };
      const ahead = optimizer.lookAhead(weights, { w: tf.tensor1d([0.5, 0]) }, optimizer.init(weights), 1);
      const [first, limit] = ahead.adjoint({ w: tf.ones([2]) })['w']!.dataSync();
      expect(first! / (-1e-3 / (0.5 + 1e-3) ** 2)).toBeCloseTo(1, 5);
      expect(limit! / (-1 / 1e-3)).toBeCloseTo(1, 5);
    });
  });

  it("keeps the derivative of Adam's first step finite on the tape where a gradient is 0", () => {
    tf.tidy(() => {
      const optimizer = optimizerOf({ rule: 'adam', epsilon: 1e-3 });
      const weights = { w: tf.tensor1d([1, 1]) };
      const step = (w: tf.Tensor) => optimizer.update(weights, { w }, optimizer.init(weights), 1).params['w']!;
      const [first, limit] = tf
        .grad(step)(tf.tensor1d([0.5, 0]))
        .dataSync();
      expect(first! / (-1e-3 / (0.5 + 1e-3) ** 2)).toBeCloseTo(1, 2);
      expect(limit! / (-1 / 1e-3)).toBeCloseTo(1, 5);
    });
  });

  it.each(rules)('%s: a limit above the norm of the gradient changes no bit', (_, rule) => {
    tf.tidy(() => {
      const step = (clipNorm: number | undefined) => {
        const { params: weights, state } = pointAfter(2, { ...rule, clipNorm: undefined });
        const ahead = optimizerOf({ ...rule, clipNorm }).lookAhead(weights, params(gradient), state, 0.1);
        return [...valuesOf(ahead.params), ...valuesOf(ahead.adjoint(params(theta)))];
      };
      const norm = Math.hypot(...gradient);
      expect(step(norm + 1e-6)).toEqual(step(undefined));
      expect(step(norm - 1e-3)).not.toEqual(step(undefined));
    });
  });

  it('clips all parameters as one vector, so one that the direction lacks gets a share', () => {
    tf.tidy(() => {
      const { optimizer, params: weights, state } = pointAfter(0, { rule: 'sgd', clipNorm: 0.5 });
      const g = params(gradient);
      const ahead = optimizer.lookAhead(weights, g, state, 0.1);
      const direction = [1, -2, 3, 0.5, 0, 0];
      const norm = Math.hypot(...gradient);
      const along = dot(gradient, direction) / norm ** 2;
      const ours = valuesOf(ahead.adjoint({ kernel: params(direction)['kernel']! }));
      for (const [i, v] of direction.entries()) {
        expect(ours[i]).toBeCloseTo(-0.1 * (0.5 / norm) * (v - gradient[i]! * along), 6);
      }
    });
  });
});

describe('the keys of an optimizer', () => {
  const issues = (schema: typeof SgdConfig | typeof AdamConfig, keys: object): string[] =>
    schema
      .safeParse({ learningRate: 0.1, ...keys })
      .error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

  it('refuse Nesterov without momentum or with dampening', () => {
    expect(issues(SgdConfig, { nesterov: true })).toEqual(['nesterov: nesterov needs a momentum above 0']);
    expect(issues(SgdConfig, { nesterov: true, momentum: 0.9, dampening: 0.1 })).toEqual([
      'dampening: nesterov needs a dampening of 0',
    ]);
    expect(issues(SgdConfig, { nesterov: true, momentum: 0.9 })).toEqual([]);
  });

  it.each([SgdConfig, AdamConfig, AdamWConfig])('refuse to clip to a norm of 0', (schema) => {
    expect(issues(schema, { clipNorm: 0 })).toEqual([expect.stringMatching(/^clipNorm: /)]);
    expect(issues(schema, { clipNorm: 1e-3 })).toEqual([]);
  });

  it('decay the weights by 0.01 in AdamW, and not at all in Adam', () => {
    expect(AdamWConfig.parse({ learningRate: 0.1 }).weightDecay).toBe(0.01);
    expect(AdamConfig.parse({ learningRate: 0.1 }).weightDecay).toBe(0);
  });
});
