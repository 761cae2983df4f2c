import { describe, expect, it } from '@jest/globals';
import { conv2d } from '../../core/autodiff/native.js';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';

// oneDNN's own gradient of these is wrong on processors without AVX-512, for fewer than eight channels.
describe('the kernel gradient of a strided 1x1 convolution', () => {
  it.each([1, 2, 3, 5, 7, 8].flatMap((channels) => [7, 8].map((side) => [channels, side] as const)))(
    'over %i channels, %i pixels a side, is the product of what met',
    (channels, side) =>
      tf.tidy(() => {
        const x = tf.randomNormal<tf.Rank.R4>([3, side, side, channels], 0, 1, 'float32', 1);
        const kernel = tf.randomNormal<tf.Rank.R4>([1, 1, channels, 4], 0, 1, 'float32', 2);
        const dy = tf.randomNormal<tf.Rank.R4>([3, 4, 4, 4], 0, 1, 'float32', 3);
        const met = tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, 2, 2, 1]);
        const expected = tf.matMul(met.reshape([-1, channels]), dy.reshape([-1, 4]), true).dataSync();
        const largest = Math.max(...expected.map(Math.abs));

        const options = { strides: 2, padding: 'same' } as const;
        const onTape = tf.grad((k) => tf.sum(tf.mul(tf.conv2d(x, k as tf.Tensor4D, 2, 'same'), dy)))(kernel);
        for (const gradient of [conv2d.backpropFilter(x, kernel.shape, dy, options), onTape]) {
          const errors = gradient.dataSync().map((value, i) => Math.abs(value - expected[i]!));
          expect(Math.max(...errors) / largest).toBeLessThan(1e-5);
        }
      }),
  );
});
