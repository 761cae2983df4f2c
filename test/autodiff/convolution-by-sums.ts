import type { ConvOptions } from '../../core/autodiff/native/index.js';
import type { tf } from '../../core/engine/index.js';

/** A convolution `y` and its adjoints at the cotangent `dy`, as sums over pixels in double precision. */
export function convolutionBySums(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  dy: tf.Tensor4D,
  strides: number,
  padding: ConvOptions['padding'],
): { y: Float64Array; inputGradient: Float64Array; kernelGradient: Float64Array } {
  const [n, height, width, channels] = x.shape;
  const [, down, right, filters] = dy.shape;
  const [size] = kernel.shape;
  const before = (length: number, count: number): number =>
    padding === 'same' ? Math.max(0, Math.floor(((count - 1) * strides + size - length) / 2)) : 0;
  const [inputs, weights, cotangents] = [x.dataSync(), kernel.dataSync(), dy.dataSync()];
  const y = new Float64Array(dy.size);
  const inputGradient = new Float64Array(x.size);
  const kernelGradient = new Float64Array(kernel.size);
  for (let image = 0; image < n; image++)
    for (let i = 0; i < down; i++)
      for (let j = 0; j < right; j++)
        for (let k = 0; k < size * size; k++) {
          const row = i * strides + Math.floor(k / size) - before(height, down);
          const column = j * strides + (k % size) - before(width, right);
          if (row < 0 || row >= height || column < 0 || column >= width) continue;
          const input = ((image * height + row) * width + column) * channels;
          const output = ((image * down + i) * right + j) * filters;
          for (let c = 0; c < channels; c++)
            for (let f = 0; f < filters; f++) {
              const weight = (k * channels + c) * filters + f;
              y[output + f]! += inputs[input + c]! * weights[weight]!;
              inputGradient[input + c]! += cotangents[output + f]! * weights[weight]!;
              kernelGradient[weight]! += inputs[input + c]! * cotangents[output + f]!;
            }
        }
  return { y, inputGradient, kernelGradient };
}
