import { describe, expect, it } from '@jest/globals';
import '../../core/autodiff/index.js';
import { conv2d } from '../../core/autodiff/native/index.js';
import type { ConvOptions } from '../../core/autodiff/native/index.js';
import { tf } from '../../core/engine/index.js';
import { convolutionBySums } from './convolution-by-sums.js';

type Padding = ConvOptions['padding'];

function expectGradients(
  inputShape: [number, number, number, number],
  filters: number,
  size: number,
  strides: number,
  padding: Padding,
): void {
  tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>(inputShape, 0, 1, 'float32', 1);
    const kernel = tf.randomNormal<tf.Rank.R4>([size, size, inputShape[3], filters], 0, 1, 'float32', 2);
    const dy = tf.randomNormal<tf.Rank.R4>(tf.conv2d(x, kernel, strides, padding).shape, 0, 1, 'float32', 3);
    const expected = convolutionBySums(x, kernel, dy, strides, padding).kernelGradient;
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

    const onTape = tf.grad((k) => tf.sum(tf.mul(tf.conv2d(x, k as tf.Tensor4D, strides, padding), dy)))(kernel);
    for (const gradient of [conv2d.backpropFilter(x, kernel.shape, dy, { strides, padding }), onTape]) {
      expect(gradient.shape).toEqual(kernel.shape);
      const values = gradient.dataSync<'float32'>();
      const error = values.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i]!)), 0);
      expect(error / largest).toBeLessThan(1e-5);
    }
  });
}

// oneDNN's own gradient of these is wrong on processors without AVX-512, for fewer than eight channels.
describe('the kernel gradient of a strided 1x1 convolution', () => {
  it.each([1, 2, 3, 5, 7, 8].flatMap((channels) => [7, 8].map((side) => [channels, side] as const)))(
    'over %i channels, %i pixels a side, is the sum over what met',
    (channels, side) => expectGradients([3, side, side, channels], 4, 1, 2, 'same'),
  );
});

// Made as one product with the patches, since oneDNN's own takes several times as long.
describe('the gradient of a kernel that is large for its images', () => {
  it.each<[side: number, size: number, strides: number, padding: Padding]>([
    [1, 3, 1, 'same'],
    [2, 3, 1, 'same'],
    [3, 2, 1, 'same'],
    [4, 3, 1, 'same'],
    [4, 1, 1, 'same'],
    [4, 3, 1, 'valid'],
    [4, 4, 1, 'valid'],
    [7, 3, 2, 'same'],
    [7, 3, 2, 'valid'],
    [7, 1, 2, 'same'],
  ])('over images of side %i, with a kernel of side %i, strides %i, padding %s', (side, size, strides, padding) =>
    expectGradients([2, side, side, 96], 136, size, strides, padding),
  );

  it('leaves no tensor behind', () => {
    const [x, dy] = [tf.ones([2, 2, 2, 96]), tf.ones([2, 2, 2, 136])];
    const { numTensors } = tf.memory();
    conv2d.backpropFilter(x, [3, 3, 96, 136], dy, { strides: 1, padding: 'same' }).dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    tf.dispose([x, dy]);
  });
});
