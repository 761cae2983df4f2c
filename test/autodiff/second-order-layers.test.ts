import { describe, expect, it } from '@jest/globals';
import '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { distance } from './second-order-fixture.js';

type Layer = tf.layers.Layer;
const { layers } = tf;

const image = [6, 6, 2];
const cases: [string, number[], () => Layer][] = [
  [
    'conv2d with an activation',
    image,
    () => layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, activation: 'softplus' }),
  ],
  [
    'conv2d, linear, dilated',
    image,
    () => layers.conv2d({ filters: 3, kernelSize: 2, dilationRate: 2, padding: 'same' }),
  ],
  [
    'conv2d, dilated, with an activation',
    image,
    () => layers.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, activation: 'tanh' }),
  ],
  ['conv2d without bias', image, () => layers.conv2d({ filters: 3, kernelSize: 3, useBias: false })],
  ['conv1d', [6, 2], () => layers.conv1d({ filters: 3, kernelSize: 3, activation: 'swish' })],
  [
    'depthwiseConv2d',
    image,
    () => layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same', activation: 'tanh' }),
  ],
  ['separableConv2d', image, () => layers.separableConv2d({ filters: 3, kernelSize: 3 })],
  [
    'conv2dTranspose',
    [3, 3, 2],
    () => layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
  ],
  ['dense', [5], () => layers.dense({ units: 3 })],
  ['dense with softmax', [5], () => layers.dense({ units: 3, activation: 'softmax' })],
  ['dense of images', image, () => layers.dense({ units: 3, activation: 'sigmoid' })],
  ['batchNormalization', image, () => layers.batchNormalization()],
  ['batchNormalization of features', [5], () => layers.batchNormalization()],
  ['layerNormalization', [5], () => layers.layerNormalization()],
  ['layerNormalization of images', [3, 3, 5], () => layers.layerNormalization({ epsilon: 0.1 })],
  ['maxPooling2d', image, () => layers.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  ['averagePooling2d', image, () => layers.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' })],
  ['maxPooling1d', [6, 2], () => layers.maxPooling1d({ poolSize: 2, strides: 2 })],
  ['globalAveragePooling2d', image, () => layers.globalAveragePooling2d({})],
  ['globalMaxPooling2d', image, () => layers.globalMaxPooling2d({})],
  ['upSampling2d', [3, 3, 2], () => layers.upSampling2d({ size: [2, 3] })],
  ['upSampling2d, bilinear', [3, 3, 2], () => layers.upSampling2d({ interpolation: 'bilinear' })],
  ['zeroPadding2d', [3, 3, 2], () => layers.zeroPadding2d({ padding: [1, 2] })],
  ['flatten', [3, 3, 2], () => layers.flatten()],
  ['dropout', [8], () => layers.dropout({ rate: 0.5, seed: 3 })],
  ['activation softplus', [5], () => layers.activation({ activation: 'softplus' })],
  ['activation hardSigmoid', [5], () => layers.activation({ activation: 'hardSigmoid' })],
  ['activation selu', [5], () => layers.activation({ activation: 'selu' })],
  ['activation gelu', [5], () => layers.activation({ activation: 'gelu' })],
  ['leakyReLU', [5], () => layers.leakyReLU()],
  ['reLU with a ceiling', [5], () => layers.reLU({ maxValue: 6 })],
  ['prelu', [5], () => layers.prelu({ alphaInitializer: 'ones' })],
  ['softmax', [5], () => layers.softmax()],
  ['lstm', [4, 3], () => layers.lstm({ units: 2 })],
  ['gru', [4, 3], () => layers.gru({ units: 2 })],
];

/** tfjs-layers can't train these at all: it reads the scale and centre that they lack. */
const evaluatedOnly: typeof cases = [
  [
    'batchNormalization without scale and centre',
    image,
    () => layers.batchNormalization({ scale: false, center: false }),
  ],
  ['batchNormalization of features without centre', [5], () => layers.batchNormalization({ center: false })],
];

/** Model, its weights and input as variables, and the loss whose derivatives are taken. */
function network(shape: number[], layer: Layer, training: boolean) {
  const random = Generator.for(2, 'layers');
  const noise = (of: readonly number[], low = -1): tf.Tensor =>
    tf.tensor(
      Float32Array.from({ length: of.reduce((a, b) => a * b, 1) }, () => random.uniform(low, 1)),
      [...of],
    );
  const model = tf.sequential({ layers: [layers.inputLayer({ inputShape: shape }), layer] });
  const weights = (model.trainableWeights as unknown as { val: tf.Variable }[]).map(({ val }) => val);
  // Initial kernels are random anew in each process, so they are replaced; ones and zeros are moved away from there.
  for (const weight of weights) {
    const [first, ...rest] = weight.dataSync();
    const start = rest.every((value) => value === first) ? first! : 0;
    weight.assign(tf.add<tf.Tensor>(tf.mul(noise(weight.shape), 0.5), start));
  }
  const size = tf.util.sizeFromShape([3, ...shape]);
  const apart = tf.tensor(
    Float32Array.from(random.permutation(size), (rank) => (3 * (rank + 0.75)) / size - 1.5),
    [3, ...shape],
  );
  const variables = [tf.variable(apart), ...weights];
  const directions = variables.map((variable) => noise(variable.shape));
  const u = noise((model.apply(variables[0]!, { training }) as tf.Tensor).shape);
  const loss = (): tf.Scalar => {
    const y = model.apply(variables[0]!, { training }) as tf.Tensor;
    return tf.sum(tf.add(tf.mul(u, y), tf.mul(tf.square(y), 0.5)));
  };
  const gradients = (of: () => tf.Scalar): tf.Tensor[] => {
    const { grads } = tf.variableGrads(of, variables);
    return variables.map(({ name }) => grads[name]!);
  };
  const move = (by: number): void =>
    variables.forEach((variable, i) => variable.assign(tf.add<tf.Tensor>(variable, tf.mul(directions[i]!, by))));
  const directional = (of: tf.Tensor[]): tf.Scalar =>
    tf.addN(of.map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!)))) as tf.Scalar;
  return { loss, gradients, move, directional };
}

const values = (tensors: readonly tf.Tensor[]): number[] => tensors.flatMap((tensor) => [...tensor.dataSync()]);

describe.each([false, true])('a LayersModel, training: %s', (training) => {
  it.each(training ? cases : [...cases, ...evaluatedOnly])(
    '%s: its weights and input have true second derivatives',
    (_, shape, layer) => {
      tf.tidy(() => {
        const { loss, gradients, move, directional } = network(shape, layer(), training);
        const step = 5e-3;
        const gradient = values([directional(gradients(loss))])[0]!;
        const product = values(gradients(() => directional(gradients(loss))));
        const before = tf.memory().numTensors;
        tf.dispose(tf.tidy(() => gradients(() => directional(gradients(loss)))));
        expect(tf.memory().numTensors).toBe(before);

        move(step);
        const [lossAhead, ahead] = [values([loss()])[0]!, values(gradients(loss))];
        move(-2 * step);
        const [lossBehind, behind] = [values([loss()])[0]!, values(gradients(loss))];
        const slope = (lossAhead - lossBehind) / (2 * step);
        const differences = ahead.map((value, i) => (value - behind[i]!) / (2 * step));
        expect(distance([slope], [gradient])).toBeLessThan(5e-3);
        expect(distance(differences, product)).toBeLessThan(5e-3);
      });
    },
  );
});
