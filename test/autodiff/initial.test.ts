import { describe, expect, it } from '@jest/globals';
import { dense } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';

describe('fresh kernels', () => {
  it('are the numbers of the generator in their order, however large the kernel', () => {
    const before = tf.memory().numTensors;
    const [features, units] = [300, 500];
    const { params } = dense('d', { units }).init([features], Generator.for(1, 'weights'));
    const random = Generator.for(1, 'weights');
    const bound = 1 / Math.sqrt(features);
    const drawn = Float32Array.from({ length: features * units }, () => random.uniform(-bound, bound));
    const kernel = params['d/kernel']!;
    expect(kernel.shape).toEqual([features, units]);
    expect(Buffer.from(kernel.dataSync().slice().buffer).equals(Buffer.from(drawn.buffer))).toBe(true);
    tf.dispose(params);
    expect(tf.memory().numTensors).toBe(before);
  });
});
