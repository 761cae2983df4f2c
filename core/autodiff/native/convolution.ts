import { tf } from '../../engine/index.js';
import { dilatable } from './dilated.js';
import { kernelGradient } from './kernel-gradient.js';
import { nhwc, single, walk } from './single.js';
import type { Attributes } from './single.js';
import { withWinograd } from './winograd.js';

export interface ConvOptions {
  readonly strides: number;
  readonly padding: 'same' | 'valid';
  /** Distance between the inputs that neighbouring kernel entries meet; 1 by default. */
  readonly dilations?: number;
}

const convAttributes = ({ strides, padding }: ConvOptions): Attributes => ({
  ...walk({ strides: [strides, strides], padding }),
  ...nhwc,
});

/** A convolution that is linear in `x` and in `kernel`, with its adjoints in both. */
export interface Convolution {
  run(x: tf.Tensor, kernel: tf.Tensor, options: ConvOptions): tf.Tensor;
  /** The adjoint in the input, of `inputShape`. */
  backpropInput(inputShape: readonly number[], kernel: tf.Tensor, dy: tf.Tensor, options: ConvOptions): tf.Tensor;
  /** The adjoint in the kernel, of `kernelShape`. */
  backpropFilter(x: tf.Tensor, kernelShape: readonly number[], dy: tf.Tensor, options: ConvOptions): tf.Tensor;
}

const plainConvolution = (
  forward: string,
  ofInput: string,
  backpropFilter: Convolution['backpropFilter'],
): Convolution => ({
  run: (x, kernel, options) => single(forward, [x, kernel], convAttributes(options)),
  backpropInput(inputShape, kernel, dy, options) {
    using shape = tf.tensor1d([...inputShape], 'int32');
    return single(ofInput, [shape, kernel, dy], convAttributes(options));
  },
  backpropFilter,
});

/** `x` `[n, h, w, in]` with `kernel` `[kh, kw, in, out]`. */
export const conv2d = dilatable(
  withWinograd(
    plainConvolution('Conv2D', 'Conv2DBackpropInput', (x, kernelShape, dy, { strides, padding }) =>
      kernelGradient(x, kernelShape, dy, { strides: [strides, strides], padding }),
    ),
  ),
);

/** `x` `[n, h, w, in]` with a kernel per channel `[kh, kw, in, multiplier]`; output channel `in * multiplier + m`. */
export const depthwiseConv2d = dilatable(
  plainConvolution('DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', (x, kernelShape, dy, options) => {
    using shape = tf.tensor1d([...kernelShape], 'int32');
    return single('DepthwiseConv2dNativeBackpropFilter', [x, shape, dy], convAttributes(options));
  }),
);
