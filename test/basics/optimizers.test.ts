import { describe, expect, it } from '@jest/globals';
import { disposeParams } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Optimizer, OptimizerState } from '../../core/stages/index.js';
import { Adam } from '../../plugins/basics/adam.js';
import { Constant } from '../../plugins/basics/schedules.js';
import { Sgd } from '../../plugins/basics/sgd.js';

const learningRate = new Constant({ initial: 0.1 });
const sgd = (options: { momentum?: number; nesterov?: boolean; weightDecay?: number }): Sgd =>
  new Sgd({ learningRate, momentum: 0, nesterov: false, weightDecay: 0, ...options });
const adam = new Adam({ learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01 });

/** Updates in double precision, one scalar at a time, from the published definitions. */
function reference(kind: 'sgd' | 'adam', o: { momentum: number; nesterov: boolean; weightDecay: number }) {
  let [b, m, v, t] = [0, 0, 0, 0];
  return (theta: number, gradient: number, rate: number): number => {
    const g = gradient + o.weightDecay * theta;
    t++;
    if (kind === 'sgd') {
      b = o.momentum * b + g;
      return theta - rate * (o.nesterov ? g + o.momentum * b : b);
    }
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    return theta - (rate * (m / (1 - 0.9 ** t))) / (Math.sqrt(v / (1 - 0.999 ** t)) + 1e-8);
  };
}

const cases: [string, Optimizer, ReturnType<typeof reference>][] = [
  ['sgd', sgd({}), reference('sgd', { momentum: 0, nesterov: false, weightDecay: 0 })],
  ['sgd with decay', sgd({ weightDecay: 0.3 }), reference('sgd', { momentum: 0, nesterov: false, weightDecay: 0.3 })],
  ['momentum', sgd({ momentum: 0.9 }), reference('sgd', { momentum: 0.9, nesterov: false, weightDecay: 0 })],
  [
    'nesterov with decay',
    sgd({ momentum: 0.8, nesterov: true, weightDecay: 0.1 }),
    reference('sgd', { momentum: 0.8, nesterov: true, weightDecay: 0.1 }),
  ],
  ['adam with decay', adam, reference('adam', { momentum: 0, nesterov: false, weightDecay: 0.01 })],
];

describe('optimizers', () => {
  it.each(cases)('%s follows its definition over several steps and leaks nothing', (_, optimizer, update) => {
    const before = tf.memory().numTensors;
    let params: Record<string, tf.Tensor> = { w: tf.tensor1d([0.7]) };
    let state: OptimizerState = optimizer.init(params);
    let theta = 0.7;
    for (const [i, gradient] of [0.5, -0.2, 0.9, 0.01].entries()) {
      const rate = 0.1 / (i + 1);
      using g = tf.tensor1d([gradient]);
      const next = optimizer.update(params, { w: g }, state, rate);
      disposeParams(params, state.tensors);
      ({ params, state } = { params: { ...next.params }, state: next.state });
      theta = update(theta, gradient, rate);
      expect(params['w']!.dataSync()[0]).toBeCloseTo(theta, 5);
      expect(state.count).toBe(i + 1);
    }
    disposeParams(params, state.tensors);
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each(cases)('%s: the look-ahead is the update, and its adjoint the derivative of it', (_, optimizer) => {
    for (const warmUp of [0, 3]) {
      tf.tidy(() => {
        const params = { w: tf.tensor1d([0.7, -0.4, 0.2]) };
        let state = optimizer.init(params);
        for (let i = 0; i < warmUp; i++) {
          state = optimizer.update(params, { w: tf.tensor1d([0.3 + i, -0.2, 0.1 * i]) }, state, 0.1).state;
        }
        const g = tf.tensor1d([0.5, -0.8, 0.3]);
        const direction = tf.tensor1d([1, -2, 3]);
        const ahead = optimizer.lookAhead(params, { w: g }, state, 0.1);
        const updated = optimizer.update(params, { w: g }, state, 0.1).params;
        expect([...ahead.params['w']!.dataSync()]).toEqual([...updated['w']!.dataSync()]);

        const onTape = tf.grad((gradient) => optimizer.update(params, { w: gradient }, state, 0.1).params['w']!)(
          g,
          direction,
        );
        const adjoint = ahead.adjoint({ w: direction })['w']!.dataSync();
        for (const [i, expected] of onTape.dataSync().entries()) {
          // Adam's first step cancels to eps / s^2, which float32 on the tape can't resolve; it is far below the rest.
          expect(Math.abs(adjoint[i]! - expected)).toBeLessThanOrEqual(3e-5 * Math.abs(expected) + 1e-6);
        }
      });
    }
  });

  it("gives Adam's first step its closed form, and the limit where the second moment is 0", () => {
    const plain = new Adam({ learningRate, beta1: 0.9, beta2: 0.999, epsilon: 1e-3, weightDecay: 0 });
    const params = { w: tf.tensor1d([1, 1]) };
    const gradients = { w: tf.tensor1d([0.5, 0]) };
    const state = plain.init(params);
    const before = tf.memory().numTensors;
    {
      using ahead = plain.lookAhead(params, gradients, state, 1);
      using ones = tf.ones([2]);
      const { w } = ahead.adjoint({ w: ones });
      using adjoint = w!;
      const [first, limit] = adjoint.dataSync();
      expect(first! / (-1e-3 / (0.5 + 1e-3) ** 2)).toBeCloseTo(1, 4);
      expect(limit! / (-1 / 1e-3)).toBeCloseTo(1, 4);
    }
    expect(tf.memory().numTensors).toBe(before);
    disposeParams(params, gradients, state.tensors);
  });
});
