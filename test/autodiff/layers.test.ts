import { describe, expect, it } from '@jest/globals';
import {
  batchNorm,
  chain,
  conv2d,
  dense,
  evaluating,
  flatten,
  maxPool,
  relu,
  training,
  wrap,
  zeroPad,
} from '../../core/autodiff/index.js';
import type { Layer, Mode, Shape } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { layerErrors } from '../../core/testing/index.js';

const cases: [string, Layer, Shape, Mode?][] = [
  ['conv2d', conv2d('l', { filters: 3 }), [6, 5, 2]],
  ['conv2d, valid', conv2d('l', { filters: 3, padding: 'valid' }), [6, 5, 2]],
  ['conv2d, strided', conv2d('l', { filters: 3, strides: 2 }), [7, 6, 2]],
  ['dense', dense('l', { units: 5 }), [7]],
  ['relu', relu(), [4, 4, 3]],
  ['max pool', maxPool(), [6, 5, 2]],
  ['flatten', flatten(), [3, 2, 2]],
  ['zero pad', zeroPad({ height: 7, width: 8 }), [4, 5, 2]],
  ['batch norm of images', batchNorm('l'), [4, 3, 3]],
  ['batch norm of features', batchNorm('l'), [6]],
  ['batch norm of images, evaluating', batchNorm('l'), [4, 3, 3], evaluating],
  ['batch norm of features, evaluating', batchNorm('l'), [6], evaluating],
  [
    'chain',
    chain(conv2d('c', { filters: 4 }), batchNorm('n'), relu(), maxPool(), flatten(), dense('d', { units: 3 })),
    [6, 6, 2],
  ],
  ['empty chain', chain(), [3]],
  [
    'wrapped function',
    wrap(({ params }, x) => tf.tanh(tf.mul(x, params['w']!)), ['w'], {
      outputShape: (input) => input,
      init: ([features]) => ({ params: { w: tf.ones([features!]) }, state: {} }),
    }),
    [5],
  ],
];

describe('every layer', () => {
  it.each(cases)('%s: linear maps agree with the tape, and nothing leaks', (_, layer, shape, mode = training()) => {
    const { leaked, ...errors } = layerErrors(layer, shape, { mode });
    for (const error of Object.values(errors)) expect(error).toBeLessThan(2e-5);
    expect(leaked).toBe(0);
  });
});

describe('batch norm', () => {
  it('refuses to train on a batch of one, by name', () => {
    const layer = batchNorm('trunk/norm7');
    expect(() => layerErrors(layer, [4, 4, 2], { batch: 1 })).toThrow(/trunk\/norm7.*batch of one/);
  });

  it('tracks the mean and the unbiased variance by 0.9 old + 0.1 batch', () => {
    tf.tidy(() => {
      const layer = batchNorm('n');
      const x = tf.tensor4d([1, 2, 3, 6], [2, 2, 1, 1]);
      const variables = {
        params: { 'n/scale': tf.tensor1d([1]), 'n/offset': tf.tensor1d([0]) },
        state: { 'n/mean': tf.tensor1d([10]), 'n/variance': tf.tensor1d([20]) },
      };
      const { stateUpdate } = layer.linearize(variables, x, training());
      expect(stateUpdate['n/mean']!.dataSync()[0]).toBeCloseTo(0.9 * 10 + 0.1 * 3, 5);
      expect(stateUpdate['n/variance']!.dataSync()[0]).toBeCloseTo(0.9 * 20 + 0.1 * (14 / 3), 5);
    });
  });
});

describe('max pool', () => {
  it('sends a tangent and a cotangent to the same, first maximum of a tie', () => {
    tf.tidy(() => {
      const point = maxPool().linearize({ params: {}, state: {} }, tf.ones([1, 2, 2, 1]), training());
      const { input } = point.pullback(tf.ones([1, 1, 1, 1]), { input: true });
      expect([...input!.dataSync()]).toEqual([1, 0, 0, 0]);
      expect([...point.pushforward({}, tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]))!.dataSync()]).toEqual([1]);
    });
  });
});
