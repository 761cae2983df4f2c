import { beforeAll, describe, expect, it } from '@jest/globals';
import { derivatives, distance, fixtures } from './second-order-fixture.js';

/** What tfjs 4.22 gets wrong without a word. */
const secondOrderWrong = [
  'exp',
  'tanh',
  'sigmoid',
  'swish',
  'mish',
  'softmax',
  'logSoftmax',
  'sigmoidCrossEntropy',
  'softmaxCrossEntropy, smoothed and weighted',
  'fused.matMul',
];
const firstOrderWrong = [
  'softmaxCrossEntropy',
  'cumsum along rows',
  'mirrorPad, reflect',
  'mirrorPad, symmetric',
  'resizeBilinear, half-pixel centres',
  'resizeNearestNeighbor, half-pixel centres',
  'cast to integers',
];
/** What it refuses, and in what words. */
const refused: [string, RegExp][] = [
  ['batchNorm without offset and scale', /reading 'dataId'/],
  ['batchNorm by broadcast statistics', /Input to reshape/],
  ['conv2d, dilated, same', /dilation rates greater than 1/],
  ['fused.conv2d, linear, dilated', /dilation rates greater than 1/],
  ['conv2d, padded by numbers, stride 2', /supports only 'valid' and 'same'/],
  ['conv2d, valid', /not found for Conv2DBackpropFilter/],
  ['depthwiseConv2d, valid', /not found for DepthwiseConv2dNativeBackpropFilter/],
  ['maxPool, overlapping, same', /not found for MaxPoolGrad/],
  ['avgPool', /not found for AvgPoolGrad/],
  ['resizeBilinear', /not found for ResizeBilinearGrad/],
  ['max', /not found for Equal/],
  ['elu', /not found for EluGrad/],
  ['relu6', /not found for LessEqual/],
  ['clipByValue', /not found for LogicalAnd/],
  ['prod along the middle', /not found for Cumprod/],
  ['einsum ij,jk->ik', /not found for Einsum/],
  ['stridedSlice', /not found for StridedSlice/],
  ['matMul, broadcast', /does not match the shape of the input/],
  ['maximum, broadcast', /does not match the shape of the input/],
  ['gather at argMax', /must have 'float32' dtype/],
];

type Order = 'gradient' | 'product';
const error = (name: string, order: Order): number => {
  const fixture = fixtures[name]!;
  return distance(derivatives(name, fixture, [order])[order], fixture[order].flat());
};

const stock: Record<string, number | string> = {};

beforeAll(async () => {
  const measure = (name: string, order: Order): void => {
    try {
      stock[name] = error(name, order);
    } catch (thrown) {
      stock[name] = (thrown as Error).message;
    }
  };
  secondOrderWrong.forEach((name) => measure(name, 'product'));
  firstOrderWrong.forEach((name) => measure(name, 'gradient'));
  refused.forEach(([name]) => measure(name, 'product'));
  await import('../../core/autodiff/index.js');
});

describe('second order: faults of tfjs', () => {
  it.each(secondOrderWrong)('%s: the gradient of the gradient was silently wrong', (name) => {
    expect(stock[name]).toBeGreaterThan(0.05);
    expect(error(name, 'product')).toBeLessThan(1e-5);
  });

  it.each(firstOrderWrong)('%s: the gradient itself was silently wrong', (name) => {
    expect(stock[name]).toBeGreaterThan(0.05);
    expect(error(name, 'gradient')).toBeLessThan(1e-5);
    expect(error(name, 'product')).toBeLessThan(1e-5);
  });

  it.each(refused)('%s: was refused', (name, message) => {
    expect(stock[name]).toMatch(message);
    expect(error(name, 'product')).toBeLessThan(1e-5);
  });
});
