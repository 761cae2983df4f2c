import { describe, expect, it } from '@jest/globals';
import '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { cases } from './second-order-cases.js';
import { derivatives, distance, fixtures } from './second-order-fixture.js';

describe('gradients and Hessian-vector products', () => {
  it('are known to PyTorch for the same functions', () => {
    expect(Object.keys(cases)).toEqual(Object.keys(fixtures));
  });

  it.each(Object.entries(fixtures))('%s: as in PyTorch, as by differences, and nothing leaks', (name, fixture) => {
    const before = tf.memory().numTensors;
    const { gradient, product, differences } = derivatives(name, fixture, ['gradient', 'product', 'differences']);
    const tolerance = Math.max(2e-6, 10 * fixture.conditioning);
    if (process.env['SHOW'])
      console.log(
        '@',
        distance(gradient, fixture.gradient.flat()).toExponential(1),
        distance(product, fixture.product.flat()).toExponential(1),
        distance(differences, product).toExponential(1),
        name,
      );
    expect(distance(gradient, fixture.gradient.flat())).toBeLessThan(tolerance);
    expect(distance(product, fixture.product.flat())).toBeLessThan(tolerance);
    expect(distance(differences, product)).toBeLessThan(3e-3);
    expect(tf.memory().numTensors).toBe(before);
  });
});
