import { describe, expect, it } from '@jest/globals';
import {
  activation,
  avgPool,
  batchNorm,
  chain,
  cloneParams,
  conv2d,
  convNorm,
  dense,
  depthwiseConv2d,
  disposeVariables,
  dropout,
  evaluating,
  flatten,
  globalAveragePool,
  layerNorm,
  mapParams,
  maxPool,
  recompute,
  relu,
  residual,
  separableConv2d,
  wrap,
  wrapModel,
  zeroPad,
} from '../../core/autodiff/index.js';
import type { ActivationName, Layer, Params, Shape, Variables } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { PluginError } from '../../core/errors/index.js';
import { layersModel } from '../../core/trained/index.js';
import { Conv4, Conv4Config } from '../../plugins/vision/conv4.js';
import { Mlp, MlpConfig } from '../../plugins/vision/mlp.js';
import { Resnet32, Resnet32Config } from '../../plugins/vision/resnet32.js';
import { Vgg16, Vgg16Config } from '../../plugins/vision/vgg16.js';

const normal = (shape: readonly number[], seed: number): tf.Tensor =>
  tf.randomNormal([...shape], 0, 1, 'float32', seed);

/** Fresh variables, moved so that no scale is 1, no offset 0 and no running statistic what it began as. */
function moved(layer: Layer, input: Shape): Variables {
  const fresh = layer.init(input, Generator.for(1, 'weights'));
  let seed = 0;
  const move = (params: Params): Params =>
    mapParams(params, (tensor) => tf.add(tf.abs(tensor), tf.abs(tf.mul(0.3, normal(tensor.shape, ++seed)))));
  const params = mapParams(fresh.params, (tensor) => tf.add(tensor, tf.mul(0.3, normal(tensor.shape, ++seed))));
  const state = move(fresh.state);
  disposeVariables(fresh);
  return { params, state };
}

/** The largest difference of a layer in evaluation and its model, relative to the largest output. */
async function difference(layer: Layer, input: Shape): Promise<number> {
  const variables = moved(layer, input);
  const x = normal([5, ...input], 99);
  const model = await layersModel(layer, variables, input);
  using point = layer.linearize(variables, x, evaluating);
  const error = tf.tidy(() => {
    const y = model.predict(x) as tf.Tensor;
    expect(y.shape).toEqual(point.output.shape);
    const scale = tf.max(tf.abs(point.output)).dataSync()[0]!;
    return tf.max(tf.abs(tf.sub(y, point.output))).dataSync()[0]! / Math.max(1, scale);
  });
  model.dispose();
  disposeVariables(variables);
  x.dispose();
  return error;
}

const images = [9, 8, 3];
const activations: ActivationName[] = ['tanh', 'sigmoid', 'elu', 'softplus', 'gelu', 'swish'];
const block = (name: string): Layer => chain(convNorm(`${name}/conv`, `${name}/norm`, { filters: 3 }), relu());

const cases: [string, Layer, Shape][] = [
  ['conv2d', conv2d('a/l', { filters: 4 }), images],
  [
    'conv2d, valid, strided, no bias',
    conv2d('l', { filters: 4, padding: 'valid', strides: 2, useBias: false }),
    images,
  ],
  ['conv2d, dilated', conv2d('l', { filters: 2, dilations: 2, kernelSize: 2 }), images],
  ['convolution with batch norm', convNorm('c', 'n', { filters: 3, strides: 2 }), images],
  ['depthwise conv2d', depthwiseConv2d('l', { multiplier: 2, strides: 2 }), images],
  ['depthwise conv2d, no bias', depthwiseConv2d('l', { padding: 'valid', useBias: false }), images],
  ['separable conv2d', separableConv2d('l', { filters: 5 }), images],
  ['dense', dense('l', { units: 4 }), [6]],
  ['batch norm of images', batchNorm('l'), images],
  ['batch norm of features', batchNorm('l'), [6]],
  ['layer norm of images', layerNorm('l'), images],
  ['layer norm of features', layerNorm('l'), [6]],
  ['relu', relu(), images],
  ...activations.map((name): [string, Layer, Shape] => [name, activation(name), images]),
  ['max pool', maxPool(), images],
  ['max pool, overlapping, same', maxPool({ size: 3, strides: 2, padding: 'same' }), images],
  ['average pool', avgPool({ size: 2, strides: 1 }), images],
  ['average pool, same', avgPool({ size: 3, strides: 2, padding: 'same' }), images],
  ['global average pool', globalAveragePool(), images],
  ['flatten of images', flatten(), images],
  ['flatten of features', chain(flatten(), dense('l', { units: 2 })), [6]],
  ['zero pad', zeroPad({ height: 12, width: 11 }), images],
  ['dropout', chain(dropout('d'), dense('l', { units: 3 })), [6]],
  ['residual', residual(block('r')), images],
  ['residual with projection', residual(convNorm('a', 'b', { filters: 5 }), conv2d('s', { filters: 5 })), images],
  ['recomputed', recompute(chain(block('r'), residual(block('s')))), images],
  [
    'wrapped function that describes itself',
    wrap(({ params }, x) => tf.add(tf.matMul(x as tf.Tensor2D, params['k'] as tf.Tensor2D), params['b']!), ['k', 'b'], {
      outputShape: () => [2],
      init: () => ({ params: { k: tf.ones([6, 2]), b: tf.zeros([2]) }, state: {} }),
      describe: () => ({ layer: 'Dense', config: { units: 2 }, weights: ['k', 'b'] }),
    }),
    [6],
  ],
  ['conv4', new Conv4(Conv4Config.parse({ channels: 3 })).trunk([12, 12, 2]), [12, 12, 2]],
  ['conv4, recomputed', new Conv4(Conv4Config.parse({ channels: 3, recompute: true })).trunk([12, 12, 2]), [12, 12, 2]],
  ['vgg16', new Vgg16(Vgg16Config.parse({ widths: [2, 3, 3, 4, 4] })).trunk([28, 28, 1]), [28, 28, 1]],
  [
    'resnet32',
    new Resnet32(Resnet32Config.parse({ depth: 20, widthMultiplier: 0.25 })).trunk([12, 12, 2]),
    [12, 12, 2],
  ],
  ['mlp of features', new Mlp(MlpConfig.parse({ hidden: [5, 4], batchNorm: true })).trunk(), [6]],
  ['mlp of images', new Mlp(MlpConfig.parse({ hidden: [5] })).trunk(), images],
];

describe('layersModel', () => {
  it.each(cases)('is %s', async (_, layer, input) => {
    const before = tf.memory().numTensors;
    expect(await difference(layer, input)).toBeLessThan(2e-6);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('holds a layers model as a part of its own', async () => {
    const inner = tf.sequential({
      layers: [
        tf.layers.dense({ units: 4, inputShape: [6], activation: 'tanh', name: 'one' }),
        tf.layers.batchNormalization({ name: 'two' }),
        tf.layers.dense({ units: 3, name: 'three', useBias: false }),
      ],
    });
    const own = wrapModel(inner).init([6], Generator.for(1, 'weights'));
    const layer = wrapModel(inner, {
      init: () => ({ params: cloneParams(own.params), state: cloneParams(own.state) }),
    });
    // Only its shape is needed from here on.
    for (const weight of inner.weights) weight.dispose();
    const before = tf.memory().numTensors;
    const network = chain(dense('first', { units: 6 }), layer, relu(), dense('last', { units: 2 }));
    expect(await difference(network, [6])).toBeLessThan(2e-6);
    expect(tf.memory().numTensors).toBe(before);
    disposeVariables(own);
  });

  it('names layers and weights like the variables', async () => {
    const layer = chain(block('trunk/1'), block('trunk/2'), flatten(), dense('primary/logits', { units: 2 }));
    const variables = moved(layer, images);
    const model = await layersModel(layer, variables, images);
    expect(model.layers.map(({ name }) => name)).toEqual([
      'input',
      'trunk_1_conv',
      'trunk_1_norm',
      'relu',
      'trunk_2_conv',
      'trunk_2_norm',
      'relu_2',
      'flatten',
      'primary_logits',
    ]);
    expect(model.weights.map(({ originalName }) => originalName)).toContain('trunk_2_norm/moving_variance');
    model.dispose();
    disposeVariables(variables);
  });

  const silent = wrap((_, x) => tf.sin(x), [], { outputShape: (input) => input });
  const named = { ...silent, name: 'trunk/sine' };
  const as = (describes: Layer['describe']): Layer => ({ ...dense('l', { units: 2 }), describe: describes! });
  it.each([
    ['is silent', chain(dense('l', { units: 2 }), silent), 'export/not-described', /^the layer after l doesn't say/],
    ['is silent but has a name', named, 'export/not-described', /^layer trunk\/sine doesn't say/],
    ['is of no class', as(() => ({ layer: 'Dens' })), 'export/unknown-class', /layer l describes itself as Dens/],
    ['lacks a key', as(() => ({ layer: 'Dense' })), 'export/description', /layer l, described as Dense/],
    [
      'names weights that are not there',
      as(() => ({ layer: 'Dense', config: { units: 2 }, weights: ['l/kernel', 'l/offset'] })),
      'export/description',
      /no variable is called l\/offset/,
    ],
    [
      'has weights of another shape',
      as(() => ({ layer: 'Dense', config: { units: 3 }, weights: ['l/kernel', 'l/bias'] })),
      'export/description',
      /layer l, described as Dense: .*shape/,
    ],
    ['dilates depthwise', depthwiseConv2d('l', { dilations: 2 }), 'export/not-described', /^layer l doesn't say/],
  ] as [string, Layer, string, RegExp][])('refuses a layer that %s', async (_, layer, code, message) => {
    const input = layer.name === 'l' && !layer.describe ? images : [6];
    const variables = moved(layer, input);
    const before = tf.memory().numTensors;
    const error = await layersModel(layer, variables, input).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(PluginError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(tf.memory().numTensors).toBe(before);
    disposeVariables(variables);
  });
});
