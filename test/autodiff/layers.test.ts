import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  activation,
  avgPool,
  batchNorm,
  chain,
  conv2d,
  convNorm,
  dense,
  depthwiseConv2d,
  dropout,
  evaluating,
  flatten,
  globalAveragePool,
  layerNorm,
  maxPool,
  recompute,
  relu,
  residual,
  separableConv2d,
  training,
  wrap,
  zeroPad,
} from '../../core/autodiff/index.js';
import type { ActivationName, Layer, Shape, Variables } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { layerErrors } from '../../core/testing/index.js';
import type { LayerCase } from '../../core/testing/index.js';

const activations: ActivationName[] = ['tanh', 'sigmoid', 'elu', 'softplus', 'gelu', 'swish'];
const block = (name: string, filters: number, strides = 1): Layer =>
  chain(
    conv2d(`${name}/conv`, { filters, strides, useBias: false }),
    batchNorm(`${name}/norm`),
    activation('tanh'),
    conv2d(`${name}/last`, { filters }),
  );

/** The last entry is the tolerance for differences, where some step crosses a kink. */
const cases: [string, Layer, Shape, number?][] = [
  ['conv2d', conv2d('l', { filters: 3 }), [6, 5, 2]],
  ['conv2d, valid', conv2d('l', { filters: 3, padding: 'valid' }), [6, 5, 2]],
  ['conv2d, strided', conv2d('l', { filters: 3, strides: 2 }), [7, 6, 2]],
  ['conv2d, no bias', conv2d('l', { filters: 3, useBias: false }), [6, 5, 2]],
  ['conv2d, many channels', conv2d('l', { filters: 32 }), [3, 4, 32]],
  ['conv2d, dilated', conv2d('l', { filters: 3, dilations: 2 }), [7, 6, 2]],
  ['conv2d, dilated, valid', conv2d('l', { filters: 2, dilations: 2, padding: 'valid' }), [7, 6, 2]],
  ['convolution with batch norm', convNorm('c', 'n', { filters: 3, strides: 2 }), [6, 5, 2]],
  ['depthwise conv2d', depthwiseConv2d('l'), [6, 5, 3]],
  ['depthwise conv2d, strided', depthwiseConv2d('l', { multiplier: 2, strides: 2, useBias: false }), [7, 7, 2]],
  ['depthwise conv2d, valid', depthwiseConv2d('l', { padding: 'valid', kernelSize: 2 }), [5, 6, 2]],
  ['separable conv2d', separableConv2d('l', { filters: 4 }), [5, 5, 3]],
  ['dense', dense('l', { units: 5 }), [7]],
  ['relu', relu(), [4, 4, 3]],
  ...activations.map((name): [string, Layer, Shape] => [name, activation(name), [3, 2, 4]]),
  ['max pool', maxPool(), [6, 5, 2]],
  ['max pool, overlapping', maxPool({ size: 3, strides: 2 }), [7, 6, 2]],
  ['max pool, same', maxPool({ size: 3, strides: 2, padding: 'same' }), [7, 6, 2]],
  ['average pool', avgPool(), [6, 5, 2]],
  ['average pool, same', avgPool({ size: 3, strides: 2, padding: 'same' }), [7, 6, 2]],
  ['global average pool', globalAveragePool(), [4, 3, 5]],
  ['flatten', flatten(), [3, 2, 2]],
  ['zero pad', zeroPad({ height: 7, width: 8 }), [4, 5, 2]],
  ['batch norm of images', batchNorm('l'), [4, 3, 3]],
  ['batch norm of features', batchNorm('l'), [6]],
  ['layer norm of images', layerNorm('l'), [3, 3, 5]],
  ['layer norm of features', layerNorm('l'), [6]],
  ['dropout', dropout('l', { rate: 0.4 }), [5, 4, 3]],
  [
    'chain',
    chain(
      conv2d('c', { filters: 4 }),
      batchNorm('n'),
      activation('tanh'),
      avgPool(),
      flatten(),
      dense('d', { units: 3 }),
    ),
    [6, 6, 2],
  ],
  [
    'chain with kinks',
    chain(conv2d('c', { filters: 4 }), batchNorm('n'), relu(), maxPool(), flatten(), dense('d', { units: 3 })),
    [6, 6, 2],
    0.05,
  ],
  ['empty chain', chain(), [3]],
  ['residual', residual(block('r', 3)), [4, 5, 3]],
  [
    'residual with projection',
    residual(
      block('r', 4, 2),
      chain(conv2d('s', { filters: 4, kernelSize: 1, strides: 2, useBias: false }), batchNorm('s/norm')),
    ),
    [5, 6, 3],
  ],
  ['residual without parameters', residual(activation('tanh'), activation('swish')), [4]],
  ['residual in a chain', chain(dense('a', { units: 4 }), residual(activation('tanh')), dropout('d')), [5]],
  ['recomputed', recompute(chain(block('r', 3), dropout('d'), activation('elu'))), [4, 4, 2]],
  [
    'wrapped function',
    wrap(({ params }, x) => tf.tanh(tf.mul(x, params['w']!)), ['w'], {
      outputShape: (input) => input,
      init: ([features]) => ({ params: { w: tf.ones([features!]) }, state: {} }),
    }),
    [5],
  ],
];

function expectConforming(layer: Layer, shape: Shape, options: LayerCase = {}, tolerance = 1e-3): void {
  const { leaked, misfits, differences, ...errors } = layerErrors(layer, shape, options);
  expect({ leaked, misfits }).toEqual({ leaked: 0, misfits: 0 });
  expect(differences).toBeLessThan(tolerance);
  for (const [measure, error] of Object.entries(errors)) {
    expect({ measure, error, right: error < 2e-5 }).toEqual({ measure, error, right: true });
  }
}

describe('every layer', () => {
  it.each(cases.map(([name, layer, shape, tolerance = 1e-3]) => [name, layer, shape, tolerance] as const))(
    '%s: maps agree with the tape and with differences, and nothing leaks',
    (_, layer, shape, tolerance) => {
      expectConforming(layer, shape, { mode: training(3) }, tolerance);
      expectConforming(layer, shape, { mode: evaluating, batch: 3, seed: 2 }, tolerance);
    },
  );
});

describe('at any shape', () => {
  const size = fc.integer({ min: 3, max: 7 });
  const channels = fc.integer({ min: 1, max: 3 });
  const padding = fc.constantFrom('same' as const, 'valid' as const);
  const images = fc.record({ height: size, width: size, channels, batch: fc.integer({ min: 2, max: 3 }) });
  const windows = fc.record({
    kernelSize: fc.integer({ min: 1, max: 3 }),
    strides: fc.integer({ min: 1, max: 3 }),
    padding,
  });
  const some = { numRuns: 12, seed: 7 };

  it.each<[string, (options: { kernelSize: number; strides: number; padding: 'same' | 'valid' }) => Layer]>([
    ['conv2d', (options) => conv2d('l', { filters: 2, ...options })],
    ['depthwise conv2d', (options) => depthwiseConv2d('l', options)],
    ['max pool', ({ kernelSize, strides, padding }) => maxPool({ size: kernelSize, strides, padding })],
    ['average pool', ({ kernelSize, strides, padding }) => avgPool({ size: kernelSize, strides, padding })],
  ])('%s', (_, layer) => {
    fc.assert(
      fc.property(images, windows, ({ height, width, channels, batch }, options) => {
        expectConforming(layer(options), [height, width, channels], { batch });
      }),
      some,
    );
  });

  it('layer norm', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 3 }), (shape) => {
        expectConforming(layerNorm('l'), shape);
      }),
      some,
    );
  });
});

const none: Variables = { params: {}, state: {} };

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

describe('a convolution with batch norm', () => {
  it('updates what the layers apart update, the bias in the running mean included', () => {
    tf.tidy(() => {
      const layers = [convNorm('c', 'n', { filters: 3 }), chain(conv2d('c', { filters: 3 }), batchNorm('n'))] as const;
      const variables = layers[0].init([4, 4, 2], Generator.for(1, 'weights'));
      const x = tf.randomNormal([3, 4, 4, 2], 0, 1, 'float32', 1);
      const [ours, theirs] = layers.map((layer) => layer.linearize(variables, x, training()).stateUpdate);
      expect(Object.keys(ours!).sort()).toEqual(['n/mean', 'n/variance']);
      for (const name of Object.keys(ours!)) {
        const error = tf.max(tf.abs(tf.sub(ours![name]!, theirs![name]!)));
        expect(error.dataSync()[0]).toBeLessThan(1e-6);
      }
    });
  });
});

describe('max pool', () => {
  it('sends a tangent and a cotangent to the same, first maximum of a tie', () => {
    tf.tidy(() => {
      for (const windows of [{}, { size: 2, strides: 1, padding: 'same' as const }]) {
        const point = maxPool(windows).linearize(none, tf.ones([1, 2, 2, 1]), training());
        const { input } = point.pullback(tf.onesLike(point.output), { input: true });
        const first = point.pushforward({}, tf.tensor4d([1, 2, 3, 4], [1, 2, 2, 1]))!;
        expect(first.dataSync()[0]).toBe(1);
        expect(input!.dataSync()[0]).toBe(1);
      }
    });
  });
});

describe('layer norm', () => {
  it('gives every row mean 0 and variance 1, then scales and shifts', () => {
    tf.tidy(() => {
      const variables = { params: { 'n/scale': tf.tensor1d([2, 2]), 'n/offset': tf.tensor1d([0, 5]) }, state: {} };
      const { output } = layerNorm('n').linearize(
        variables,
        tf.tensor2d([
          [1, 3],
          [-40, 40],
        ]),
        training(),
      );
      expect([...output.dataSync()].map((value) => Math.round(value * 1e3) / 1e3)).toEqual([-2, 7, -2, 7]);
    });
  });
});

describe('an activation', () => {
  it.each([
    ['tanh', 0.76159],
    ['sigmoid', 0.73106],
    ['elu', 1],
    ['softplus', 1.31326],
    ['gelu', 0.84134],
    ['swish', 0.73106],
  ] as const)('%s of 1 is %d', (name, value) => {
    tf.tidy(() =>
      expect(
        activation(name)
          .apply(none, tf.tensor1d([1]), training())
          .dataSync()[0],
      ).toBeCloseTo(value, 4),
    );
  });
});

describe('dropout', () => {
  const layer = dropout('trunk/drop', { rate: 0.25 });
  const ones = (): tf.Tensor => tf.ones([50, 40]);
  const values = (of: Layer, seed: number): number[] =>
    tf.tidy(() => [...of.linearize(none, ones(), training(seed)).output.dataSync()]);

  it('zeroes about its rate of the entries and scales up the others', () => {
    const output = values(layer, 1);
    const dropped = output.filter((value) => value === 0).length / output.length;
    expect(dropped).toBeGreaterThan(0.21);
    expect(dropped).toBeLessThan(0.29);
    for (const value of output) expect(value === 0 || Math.abs(value - 4 / 3) < 1e-6).toBe(true);
  });

  it('has the same mask at the same seed, and another for another seed, name or entry', () => {
    expect(values(layer, 1)).toEqual(values(layer, 1));
    expect(values(layer, 1)).toEqual(tf.tidy(() => [...layer.apply(none, ones(), training(1)).dataSync()]));
    expect(values(layer, 1)).not.toEqual(values(layer, 2));
    expect(values(layer, 1)).not.toEqual(values(dropout('trunk/other', { rate: 0.25 }), 1));
  });

  it('does nothing when evaluating', () => {
    tf.tidy(() => {
      expect([...new Set(layer.linearize(none, ones(), evaluating).output.dataSync())]).toEqual([1]);
      expect([...new Set(layer.apply(none, ones(), evaluating).dataSync())]).toEqual([1]);
    });
  });
});

describe('recompute', () => {
  const shape = [6, 6, 3];
  const inner = chain(block('a', 4), dropout('drop'), residual(block('b', 4)), batchNorm('n'), relu(), maxPool());

  it('changes no bit of any number', () => {
    tf.tidy(() => {
      const variables = inner.init(shape, Generator.for(1, 'weights'));
      const tangents = inner.init(shape, Generator.for(2, 'weights')).params;
      const x = tf.randomNormal([4, ...shape], 0, 1, 'float32', 3);
      const all = (layer: Layer): number[][] => {
        const point = layer.linearize(variables, x, training(5));
        const pushed = point.pushforward(tangents, x)!;
        const { params, input } = point.pullback(pushed, { input: true });
        const updates = Object.entries(point.stateUpdate).sort();
        const gradients = Object.entries(params).sort();
        return [point.output, pushed, input!, ...[...updates, ...gradients].map(([, tensor]) => tensor)].map(
          (tensor) => [...tensor.dataSync()],
        );
      };
      const plain = all(inner);
      expect(plain).toHaveLength(3 + 6 + 12);
      expect(all(recompute(inner))).toEqual(plain);
    });
  });

  it('still works when the statistics it started from are gone', () => {
    tf.tidy(() => {
      const layer = recompute(chain(batchNorm('n'), activation('tanh')));
      const variables = layer.init([3], Generator.for(1, 'weights'));
      const point = layer.linearize(variables, tf.tensor2d([1, 2, 3, 3, 1, 1], [2, 3]), training());
      tf.dispose(variables.state);
      expect(() => point.pullback(point.output, { input: true })).not.toThrow();
    });
  });

  it('keeps one tensor where the layer keeps many', () => {
    tf.tidy(() => {
      const layer = chain(block('a', 4), activation('gelu'));
      const variables = layer.init(shape, Generator.for(1, 'weights'));
      const x = tf.ones([4, ...shape]);
      const kept = (of: Layer): number => {
        const before = tf.memory().numTensors;
        using point = of.linearize(variables, x, training());
        return tf.memory().numTensors - before - 2 * Object.keys(point.stateUpdate).length;
      };
      // Beside new statistics and handles on the old.
      expect(kept(recompute(layer))).toBe(1);
      expect(kept(layer)).toBeGreaterThan(4);
    });
  });
});
