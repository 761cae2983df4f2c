import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { disposeVariables, evaluating, training } from '../../core/autodiff/index.js';
import type { Variables } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { compose, passesOf } from '../../core/pipeline/index.js';
import { Walk } from '../../core/training/index.js';
import { LayersModel, LayersModelConfig } from '../../plugins/vision/layers-model/layers-model.js';
import { Folder } from '../config/folder.js';
import { toyPipeline } from '../pipeline/toy.js';

/** As the tensorflowjs converter writes a Keras 2 model: `dense(relu) -> batch norm -> dense`, weights in two shards. */
function kerasModel(into: Folder): string {
  const initializer = (class_name: string, config: object = {}): object => ({ class_name, config });
  const denseConfig = (name: string, units: number, activation: string): object => ({
    name,
    trainable: true,
    dtype: 'float32',
    units,
    activation,
    use_bias: true,
    kernel_initializer: initializer('GlorotUniform', { seed: null }),
    bias_initializer: initializer('Zeros'),
    kernel_regularizer: null,
    bias_regularizer: null,
    activity_regularizer: null,
    kernel_constraint: null,
    bias_constraint: null,
  });
  const layer = (class_name: string, name: string, config: object, inbound: string): object => ({
    class_name,
    name,
    config,
    inbound_nodes: [[[inbound, 0, 0, {}]]],
  });
  const json = {
    format: 'layers-model',
    generatedBy: 'keras v2.13.1',
    convertedBy: 'TensorFlow.js Converter v4.22.0',
    modelTopology: {
      keras_version: '2.13.1',
      backend: 'tensorflow',
      model_config: {
        class_name: 'Functional',
        config: {
          name: 'small_net',
          trainable: true,
          layers: [
            {
              class_name: 'InputLayer',
              name: 'input_1',
              config: { batch_input_shape: [null, 3], dtype: 'float32', sparse: false, ragged: false, name: 'input_1' },
              inbound_nodes: [],
            },
            layer('Dense', 'dense_one', denseConfig('dense_one', 2, 'relu'), 'input_1'),
            layer(
              'BatchNormalization',
              'batch_normalization',
              {
                name: 'batch_normalization',
                trainable: true,
                dtype: 'float32',
                axis: [1],
                momentum: 0.99,
                epsilon: 0.001,
                center: true,
                scale: true,
                beta_initializer: initializer('Zeros'),
                gamma_initializer: initializer('Ones'),
                moving_mean_initializer: initializer('Zeros'),
                moving_variance_initializer: initializer('Ones'),
              },
              'dense_one',
            ),
            layer('Dense', 'dense_two', denseConfig('dense_two', 2, 'linear'), 'batch_normalization'),
          ],
          input_layers: [['input_1', 0, 0]],
          output_layers: [['dense_two', 0, 0]],
        },
      },
    },
    weightsManifest: [
      {
        paths: ['group1-shard1of2.bin', 'group1-shard2of2.bin'],
        weights: [
          ['batch_normalization/gamma', [2]],
          ['batch_normalization/beta', [2]],
          ['batch_normalization/moving_mean', [2]],
          ['batch_normalization/moving_variance', [2]],
          ['dense_one/kernel', [3, 2]],
          ['dense_one/bias', [2]],
          ['dense_two/kernel', [2, 2]],
          ['dense_two/bias', [2]],
        ].map(([name, shape]) => ({ name, shape, dtype: 'float32' })),
      },
    ],
  };
  const values = [2, 3, 0, 1, 1, -1, 4, 1, 1, 0, 0, 1, 1, 1, 0, 0.5, 1, 2, 3, 4, 0, 10];
  const bytes = Buffer.from(Float32Array.from(values).buffer);
  writeFileSync(join(into.path, 'group1-shard1of2.bin'), bytes.subarray(0, 30));
  writeFileSync(join(into.path, 'group1-shard2of2.bin'), bytes.subarray(30));
  return into.write('model.json', JSON.stringify(json));
}

const keras = new Folder();
const saved = new Folder();
const image = new Folder();
let kerasPath: string;
let savedPath: string;
let imagePath: string;
let predictions: number[];

beforeAll(async () => {
  kerasPath = kerasModel(keras);
  const images = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: 'conv', inputShape: [12, 12, 1], filters: 3, kernelSize: 3, useBias: false }),
      tf.layers.batchNormalization({ name: 'norm' }),
      tf.layers.activation({ name: 'act', activation: 'relu' }),
      tf.layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
      tf.layers.dropout({ name: 'drop', rate: 0.2 }),
      tf.layers.flatten({ name: 'flat' }),
      tf.layers.dense({ name: 'top', units: 4, kernelInitializer: 'orthogonal' }),
    ],
  });
  await images.save(`file://${saved.path}`);
  savedPath = join(saved.path, 'model.json');
  predictions = tf.tidy(() => [...(images.predict(tf.ones([1, 12, 12, 1])) as tf.Tensor).dataSync()]);
  images.dispose();
  imagePath = image.write('model.json', readFileSync(savedPath, 'utf8'));
});
afterAll(() => {
  for (const folder of [keras, saved, image]) folder[Symbol.dispose]();
});

const model = (options: object): LayersModel => new LayersModel(LayersModelConfig.parse(options));
const trunkOf = (options: object, input: number[]) => model(options).trunk(input);
const owned = (variables: Variables): Variables & Disposable => ({
  ...variables,
  [Symbol.dispose]: () => disposeVariables(variables),
});
const random = (seed = 1): Generator => Generator.for(seed, 'weights');

describe('a layers model from a file', () => {
  it('that tfjs saved starts at its weights and computes what it computed', () => {
    const before = tf.memory().numTensors;
    {
      const trunk = trunkOf({ path: savedPath }, [12, 12, 1]);
      expect(trunk.outputShape([12, 12, 1])).toEqual([4]);
      using variables = owned(trunk.init([12, 12, 1], random()));
      using x = tf.ones([1, 12, 12, 1]);
      using point = trunk.linearize(variables, x, evaluating);
      expect([...point.output.dataSync()]).toEqual(predictions);
      expect(Object.keys(variables.params)).toEqual([
        'trunk/conv/kernel',
        'trunk/norm/gamma',
        'trunk/norm/beta',
        'trunk/top/kernel',
        'trunk/top/bias',
      ]);
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it('that the converter wrote loads, shards and all', () => {
    tf.tidy(() => {
      const trunk = trunkOf({ path: kerasPath }, [3]);
      const { output } = trunk.linearize(trunk.init([3], random()), tf.tensor2d([[1, 2, 3]]), evaluating);
      // dense_one: relu([4, 5.5]); batch norm: 2 (4 - 1) / sqrt(4.001), 3 (5.5 + 1) / sqrt(1.001) + 1; dense_two.
      const [a, b] = [(2 * 3) / Math.sqrt(4.001), (3 * 6.5) / Math.sqrt(1.001) + 1];
      const [first, second] = output.dataSync();
      expect(first).toBeCloseTo(a + 3 * b, 3);
      expect(second).toBeCloseTo(2 * a + 4 * b + 10, 3);
    });
  });

  it('ends at the named layer, flat', () => {
    const trunk = trunkOf({ path: savedPath, features: 'pool' }, [12, 12, 1]);
    expect(trunk.outputShape([12, 12, 1])).toEqual([75]);
    using variables = owned(trunk.init([12, 12, 1], random()));
    expect(Object.keys(variables.params)).not.toContain('trunk/top/kernel');
  });

  it('draws fresh weights by its own initializers, from the run seed', () => {
    const trunk = trunkOf({ path: imagePath, weights: 'fresh' }, [12, 12, 1]);
    const kernels = (seed: number): number[] => {
      using variables = owned(trunk.init([12, 12, 1], random(seed)));
      return ['conv', 'top'].flatMap((layer) => [...variables.params[`trunk/${layer}/kernel`]!.dataSync()]);
    };
    expect(kernels(1)).toEqual(kernels(1));
    expect(kernels(1)).not.toEqual(kernels(2));
    using variables = owned(trunk.init([12, 12, 1], random()));
    using top = tf.tidy(() => {
      const kernel = variables.params['trunk/top/kernel'] as tf.Tensor2D;
      return tf.sub(tf.matMul(kernel, kernel, true), tf.eye(4));
    });
    for (const value of top.dataSync()) expect(Math.abs(value)).toBeLessThan(1e-4);
  });

  it.each<[boolean | string, string[]]>([
    [true, []],
    ['act', ['trunk/top/kernel', 'trunk/top/bias']],
    ['conv', ['trunk/norm/gamma', 'trunk/norm/beta', 'trunk/top/kernel', 'trunk/top/bias']],
  ])('frozen: %s trains the rest only', (frozen, names) => {
    const trunk = trunkOf({ path: savedPath, frozen }, [12, 12, 1]);
    using variables = owned(trunk.init([12, 12, 1], random()));
    expect(Object.keys(variables.params)).toEqual(names);
    expect(Object.keys(variables.state)).toContain('trunk/conv/kernel');
    using x = tf.ones([2, 12, 12, 1]);
    using point = trunk.linearize(variables, x, training());
    const { params } = point.pullback(point.output, { input: false });
    expect(Object.keys(params)).toEqual(names);
    tf.dispose(params);
  });

  it('is the trunk of a MAXL run, both networks starting at its weights', async () => {
    const before = tf.memory().numTensors;
    {
      using composition = await compose(
        await toyPipeline({ model: { use: 'layers-model', path: savedPath, features: 'flat', hidden: 5 } }),
      );
      const { theta1, theta2 } = composition.state;
      const kernel = (variables: Variables): number[] => [...variables.params['trunk/conv/kernel']!.dataSync()];
      const start = kernel(theta1.variables);
      expect(kernel(theta2!.variables)).toEqual(start);
      using drawn = new Walk(composition.dataset, composition.random, 'train', 1).at(0);
      const position = { epoch: 0, epochs: 1, step: 1 };
      for (const { name, step } of passesOf(composition)) {
        step(composition.state, drawn.batch, { ...position, pass: name }, drawn.draw);
      }
      expect(kernel(theta1.variables)).not.toEqual(start);
      expect(kernel(theta2!.variables)).not.toEqual(start);
    }
    expect(tf.memory().numTensors).toBe(before);
  });
});

describe('a layers model that can not be used is refused', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['no file', () => model({ path: join(saved.path, 'modell.json') }), /modell\.json: no such file/],
    ['a folder', () => model({ path: saved.path }), /is a folder/],
    ['no JSON', () => model({ path: join(saved.path, 'weights.bin') }), /weights\.bin: .*JSON/],
    ['weights missing', () => model({ path: imagePath }), /weights\.bin: no such file/],
    [
      'a graph model',
      () => model({ path: keras.write('graph.json', JSON.stringify({ format: 'graph-model', modelTopology: {} })) }),
      /graph model has no layers/,
    ],
    ['no model', () => model({ path: keras.write('none.json', '{}') }), /no modelTopology/],
    [
      'an unknown class',
      () =>
        model({
          path: keras.write('class.json', JSON.stringify({ modelTopology: { class_name: 'Sequentail', config: {} } })),
        }),
      /no class of models called Sequentail/,
    ],
    [
      'an unknown kind of layer',
      () => {
        const text = readFileSync(kerasPath, 'utf8').replace('"class_name":"Dense"', '"class_name":"Desne"');
        return model({ path: keras.write('layer.json', text) });
      },
      /Unknown layer: Desne/,
    ],
    [
      'a short weights file',
      () => {
        const text = readFileSync(kerasPath, 'utf8').replace(',"group1-shard2of2.bin"', '');
        return model({ path: keras.write('short.json', text) });
      },
      /hold 30 bytes, the manifest lists 88/,
    ],
    [
      'weights of another model',
      () => {
        const text = readFileSync(kerasPath, 'utf8').replace('"dense_two/kernel"', '"dense_2/kernel"');
        return model({ path: keras.write('other.json', text) });
      },
      /the weights don't fit the model: .*dense_2\/kernel/,
    ],
    [
      'weights that are NaN',
      () => {
        writeFileSync(
          join(keras.path, 'nan.bin'),
          Buffer.from(Float32Array.of(...Array<number>(21).fill(1), NaN).buffer),
        );
        const shards = '"group1-shard1of2.bin","group1-shard2of2.bin"';
        const text = readFileSync(kerasPath, 'utf8').replace(shards, '"nan.bin"');
        return model({ path: keras.write('nan.json', text) });
      },
      /dense_two\/bias" has NaN at position 1 of 2/,
    ],
    [
      'an unknown layer as features',
      () => model({ path: savedPath, features: 'polo' }),
      /model\.features: the model has no layer polo; did you mean pool\?/,
    ],
    [
      'an unknown frozen layer',
      () => model({ path: savedPath, frozen: 'cnov' }),
      /model\.frozen: .*did you mean conv\?/,
    ],
    [
      'inputs of another shape',
      () => trunkOf({ path: savedPath }, [28, 28, 1]),
      /takes inputs of shape \[12, 12, 1\] \(float32\), the dataset has \[28, 28, 1\]/,
    ],
  ])('%s', (_, build, message) => {
    const before = tf.memory().numTensors;
    expect(build).toThrow(message);
    expect(tf.memory().numTensors).toBe(before);
  });
});
