import { attribute, tf } from '../../engine/index.js';
import { matMul } from './elementwise.js';
import { float, nhwc, single, square, walk } from './single.js';
import type { Walk } from './single.js';

/**
 * The gradient in a convolution's kernel `[kh, kw, in, out]`, from its input `x` `[n, h, w, in]` and the cotangent `dy`
 * `[n, h', w', out]` of its output: TensorFlow's operation, but where oneDNN's kernel for it is wrong or slow.
 */
export function kernelGradient(x: tf.Tensor, kernelShape: readonly number[], dy: tf.Tensor, way: Walk): tf.Tensor {
  const isPointwise = kernelShape[0] === 1 && kernelShape[1] === 1;
  if (isPointwise && way.strides.some((stride) => stride > 1)) {
    using met = everyNth(x, way.strides);
    return kernelGradient(met, kernelShape, dy, { ...way, strides: [1, 1] });
  }
  if (isLargeForItsImages(kernelShape, dy.shape)) return byPatches(x, kernelShape, dy, way);
  using shape = tf.tensor1d([...kernelShape], 'int32');
  return single('Conv2DBackpropFilter', [x, shape, dy], { ...walk(way), ...nhwc });
}

/**
 * The pixels of `x` `[n, h, w, c]` that a 1x1 kernel meets with these strides. On processors without AVX-512, oneDNN's
 * gradient of such a kernel is wrong where there are two strides and fewer than eight channels; without strides it isn't.
 */
function everyNth(x: tf.Tensor, [down, right]: Walk['strides']): tf.Tensor {
  using begin = tf.zeros([4], 'int32');
  using end = tf.tensor1d(x.shape, 'int32');
  using steps = tf.tensor1d([1, down, right, 1], 'int32');
  return single('StridedSlice', [x, begin, end, steps], float({ Index: attribute.int32() }));
}

/**
 * Whether one product with all patches is the faster way, and takes little memory: few pixels an image, a kernel with far
 * more entries than the batch has pixels, and patches no more than four times as large as the kernel. For VGG-16's last
 * layers, 512 to 512 channels over 2x2 images, it takes a fifth of the time.
 */
function isLargeForItsImages(kernelShape: readonly number[], [n, height, width, filters]: readonly number[]): boolean {
  const pixels = n! * height! * width!;
  const entries = tf.util.sizeFromShape([...kernelShape]);
  return height! * width! <= 16 && entries >= 350 * pixels && pixels <= 4 * filters!;
}

/** The patches of `x` that the kernel met, `[n h' w', kh kw in]`, transposed and times `dy`. */
function byPatches(x: tf.Tensor, kernelShape: readonly number[], dy: tf.Tensor, way: Walk): tf.Tensor {
  const [height, width, , filters] = kernelShape as [number, number, number, number];
  return tf.tidy(() => {
    const patches = single('ExtractImagePatches', [x], {
      ...walk(way),
      ksizes: attribute.int([1, height, width, 1]),
      rates: square(1),
    });
    const pixels = tf.util.sizeFromShape(dy.shape.slice(0, 3));
    const product = matMul(tf.reshape(patches, [pixels, -1]), tf.reshape(dy, [pixels, filters]), true);
    return tf.reshape(product, [...kernelShape]);
  });
}
