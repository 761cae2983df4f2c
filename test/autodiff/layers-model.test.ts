import { describe, expect, it } from '@jest/globals';
import { disposeVariables, evaluating, training, wrapModel } from '../../core/autodiff/index.js';
import type { Variables } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { layerErrors } from '../../core/testing/index.js';

const sequential = (...layers: tf.layers.Layer[]): tf.Sequential => tf.sequential({ layers });
const random = Generator.for(1, 'weights');

/** A model of images with everything that trunks have; `rate` of its dropout. */
const convolutional = (rate = 0.3): tf.Sequential =>
  sequential(
    tf.layers.conv2d({ name: 'conv', inputShape: [6, 6, 2], filters: 4, kernelSize: 3, padding: 'same' }),
    tf.layers.batchNormalization({ name: 'norm', momentum: 0.7, epsilon: 1e-3 }),
    tf.layers.activation({ name: 'act', activation: 'tanh' }),
    tf.layers.separableConv2d({ name: 'separable', filters: 3, kernelSize: 3 }),
    tf.layers.averagePooling2d({ name: 'pool', poolSize: 2 }),
    tf.layers.dropout({ name: 'drop', rate }),
    tf.layers.flatten({ name: 'flat' }),
    tf.layers.dense({ name: 'last', units: 5, activation: 'sigmoid' }),
  );

/** A model with two paths, and a batch norm without scale. */
function branching(): tf.LayersModel {
  const input = tf.input({ shape: [5] });
  const hidden = tf.layers.dense({ name: 'hidden', units: 4, activation: 'elu' }).apply(input) as tf.SymbolicTensor;
  const gate = tf.layers.dense({ name: 'gate', units: 4, activation: 'softmax' }).apply(input) as tf.SymbolicTensor;
  const sum = tf.layers.add({ name: 'sum' }).apply([hidden, gate]) as tf.SymbolicTensor;
  const norm = tf.layers.batchNormalization({ name: 'norm', scale: false, center: false }).apply(sum);
  return tf.model({ inputs: input, outputs: norm as tf.SymbolicTensor });
}

describe('a wrapped layers model', () => {
  it.each<[string, () => tf.LayersModel, number[]]>([
    ['sequential', convolutional, [6, 6, 2]],
    ['functional', branching, [5]],
  ])('%s: linear maps agree with the tape and with differences, and nothing leaks', (_, build, shape) => {
    const layer = wrapModel(build());
    for (const mode of [training(4), evaluating]) {
      const { leaked, misfits, differences, ...errors } = layerErrors(layer, shape, { mode });
      expect({ leaked, misfits }).toEqual({ leaked: 0, misfits: 0 });
      expect(differences).toBeLessThan(1e-3);
      for (const [measure, error] of Object.entries(errors)) {
        expect({ measure, error, right: error < 5e-5 }).toEqual({ measure, error, right: true });
      }
    }
  });

  it('names trainable weights as parameters and the others as state', () => {
    using variables = owned(wrapModel(convolutional(), { name: 'trunk' }).init([6, 6, 2], random));
    expect(Object.keys(variables.params)).toEqual([
      'trunk/conv/kernel',
      'trunk/conv/bias',
      'trunk/norm/gamma',
      'trunk/norm/beta',
      'trunk/separable/depthwise_kernel',
      'trunk/separable/pointwise_kernel',
      'trunk/separable/bias',
      'trunk/last/kernel',
      'trunk/last/bias',
    ]);
    expect(Object.keys(variables.state)).toEqual(['trunk/norm/moving_mean', 'trunk/norm/moving_variance']);
  });

  it('computes what the model computes', () => {
    const model = convolutional();
    const layer = wrapModel(model);
    tf.tidy(() => {
      const x = tf.randomNormal([3, 6, 6, 2], 0, 1, 'float32', 1);
      const variables = layer.init([6, 6, 2], random);
      const ours = layer.linearize(variables, x, evaluating).output.dataSync();
      expect([...ours]).toEqual([...(model.predict(x) as tf.Tensor).dataSync()]);
    });
  });

  it('leaves the model as it is, also when it fails', () => {
    const model = convolutional();
    const layer = wrapModel(model);
    const weights = (): number[][] => model.weights.map((weight) => [...weight.read().dataSync()]);
    const before = weights();
    tf.tidy(() => {
      const { params, state } = layer.init([6, 6, 2], random);
      const doubled = Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, tf.mul(tensor, 2)]));
      layer.linearize({ params: doubled, state }, tf.ones([2, 6, 6, 2]), training());
      const broken = { ...params, 'trunk/last/kernel': tf.ones([1, 1]) };
      expect(() => layer.linearize({ params: broken, state }, tf.ones([2, 6, 6, 2]), training())).toThrow();
    });
    expect(weights()).toEqual(before);
    for (const part of [...model.layers, ...model.weights]) {
      expect(Object.keys(part)).not.toEqual(expect.arrayContaining(['call']));
      expect(Object.keys(part)).not.toEqual(expect.arrayContaining(['read']));
    }
  });

  it('works when the variables of its model are gone', () => {
    const model = convolutional();
    const layer = wrapModel(model);
    using variables = owned(layer.init([6, 6, 2], random));
    for (const weight of model.weights) weight.dispose();
    tf.tidy(() => {
      expect(layer.linearize(variables, tf.ones([2, 6, 6, 2]), training()).output.shape).toEqual([2, 5]);
    });
  });

  it("moves the statistics by the layer's own momentum, in training only", () => {
    const layer = wrapModel(sequential(tf.layers.batchNormalization({ name: 'norm', inputShape: [1], momentum: 0.7 })));
    tf.tidy(() => {
      const { params } = layer.init([1], random);
      const variables = {
        params,
        state: { 'trunk/norm/moving_mean': tf.tensor1d([10]), 'trunk/norm/moving_variance': tf.tensor1d([20]) },
      };
      const x = tf.tensor2d([[1], [3]]);
      const { stateUpdate } = layer.linearize(variables, x, training());
      expect(stateUpdate['trunk/norm/moving_mean']!.dataSync()[0]).toBeCloseTo(0.7 * 10 + 0.3 * 2, 4);
      expect(stateUpdate['trunk/norm/moving_variance']!.dataSync()[0]).toBeCloseTo(0.7 * 20 + 0.3 * 1, 4);
      expect(variables.state['trunk/norm/moving_mean'].dataSync()[0]).toBe(10);
      expect(layer.linearize(variables, x, evaluating).stateUpdate).toEqual({});
    });
  });

  it('moves the statistics once for each use of a layer', () => {
    const input = tf.input({ shape: [1] });
    const norm = tf.layers.batchNormalization({ name: 'norm', momentum: 0.5, center: false, scale: false });
    const output = norm.apply(norm.apply(input)) as tf.SymbolicTensor;
    const layer = wrapModel(tf.model({ inputs: input, outputs: output }));
    using variables = owned(layer.init([1], random));
    using x = tf.tensor2d([[1], [5]]);
    const before = tf.memory().numTensors;
    {
      using point = layer.linearize(variables, x, training());
      expect(point.stateUpdate['trunk/norm/moving_mean']!.dataSync()[0]).toBeCloseTo(0.5 * (0.5 * 3) + 0.5 * 0, 4);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('draws one mask per seed', () => {
    const layer = wrapModel(sequential(tf.layers.dropout({ name: 'drop', rate: 0.5, inputShape: [200] })));
    const masked = (seed: number): number[] =>
      tf.tidy(() => [
        ...layer.linearize({ params: {}, state: {} }, tf.ones([2, 200]), training(seed)).output.dataSync(),
      ]);
    expect(new Set(masked(1))).toEqual(new Set([0, 2]));
    expect(masked(1)).toEqual(masked(1));
    expect(masked(1)).not.toEqual(masked(2));
  });

  it('keeps frozen layers still: their weights are state, their batch norm uses moving statistics', () => {
    const model = sequential(
      tf.layers.dense({ name: 'first', units: 3, inputShape: [4] }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.dense({ name: 'second', units: 2 }),
    );
    for (const name of ['first', 'norm']) model.getLayer(name).trainable = false;
    const layer = wrapModel(model);
    using variables = owned(layer.init([4], random));
    expect(Object.keys(variables.params)).toEqual(['trunk/second/kernel', 'trunk/second/bias']);
    expect(Object.keys(variables.state)).toHaveLength(6);
    tf.tidy(() => {
      const x = tf.randomNormal([3, 4], 0, 1, 'float32', 1);
      const point = layer.linearize(variables, x, training());
      expect(point.stateUpdate).toEqual({});
      expect([...point.output.dataSync()]).toEqual([...layer.linearize(variables, x, evaluating).output.dataSync()]);
    });
  });

  it.each<[string, () => tf.LayersModel, RegExp]>([
    [
      'two inputs',
      () => {
        const [a, b] = [tf.input({ shape: [2], name: 'left' }), tf.input({ shape: [2], name: 'right' })];
        return tf.model({ inputs: [a, b], outputs: tf.layers.add().apply([a, b]) as tf.SymbolicTensor });
      },
      /2 inputs \(left, right\)/,
    ],
    [
      'noise',
      () => sequential(tf.layers.gaussianNoise({ name: 'hiss', stddev: 1, inputShape: [3] })),
      /layer hiss \(GaussianNoise\) draws random numbers/,
    ],
    [
      'a dropout of its own',
      () => sequential(tf.layers.lstm({ name: 'memory', units: 2, dropout: 0.2, inputShape: [3, 2] })),
      /layer memory \(LSTM\) has a dropout of its own/,
    ],
  ])('refuses %s, by name', (_, build, message) => {
    const model = build();
    expect(() => wrapModel(model)).toThrow(message);
  });
});

const owned = (variables: Variables): Variables & Disposable => ({
  ...variables,
  [Symbol.dispose]: () => disposeVariables(variables),
});
