import { tf } from '../../engine/index.js';
import type { Layer, Linearisation, Params, Shape } from '../layer.js';
import type * as native from '../native/index.js';
import { biasAdd, biasAddGrad } from '../native/index.js';
import { affineTangent } from './affine.js';
import { expectImages } from './images.js';
import { fanInUniform } from './initial.js';
import { expectRoom } from './room.js';
import { windowCount } from './windows.js';

export interface ConvolutionOptions {
  /** Side of the kernel; 3 by default. */
  readonly kernelSize?: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
  /** Distance between the inputs that neighbouring kernel entries meet; with strides 1 only. */
  readonly dilations?: number;
  /** False before a normalisation, which would take a bias away again. */
  readonly useBias?: boolean;
}

interface Described {
  readonly layer: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** Its kernels, and what tells the one from the other convolution. */
interface Bilinear extends native.Convolution {
  kernelShape(channels: number): [number, number, number, number];
  filters(channels: number): number;
  apply(x: tf.Tensor4D, kernel: tf.Tensor4D, options: Required<native.ConvOptions>): tf.Tensor;
  /** Its class in tfjs, and what that is told beside the options. */
  describe: (options: Required<native.ConvOptions>) => Described | undefined;
}

/** A convolutional layer: parameters `name/kernel` and, unless `useBias` is false, `name/bias`. */
export function convolution(
  name: string,
  { strides = 1, padding = 'same', dilations = 1, useBias = true }: ConvolutionOptions,
  { kernelShape, filters, describe, apply, run, backpropInput, backpropFilter }: Bilinear,
): Layer {
  const kernelName = `${name}/kernel`;
  const biasName = `${name}/bias`;
  const options = { strides, padding, dilations };
  const outputShape = ([height, width, channels]: Shape): number[] => {
    const [size] = kernelShape(channels!);
    const count = (length: number): number => windowCount(length, size, strides, padding, dilations);
    return [count(height!), count(width!), filters(channels!)];
  };

  const described = describe(options);

  return {
    name,
    ...(described && {
      describe: () => ({
        layer: described.layer,
        config: { strides, padding, dilationRate: dilations, useBias, ...described.config },
        weights: [kernelName, ...(useBias ? [biasName] : [])],
      }),
    }),
    retains: { input: true, output: false },

    outputShape,

    init([, , channels], random) {
      const shape = kernelShape(channels!);
      const fanIn = (shape[0] * shape[1] * shape[2] * shape[3]) / filters(channels!);
      return {
        params: {
          [kernelName]: fanInUniform(shape, fanIn, random),
          ...(useBias ? { [biasName]: fanInUniform([filters(channels!)], fanIn, random) } : {}),
        },
        state: {},
      };
    },

    apply: ({ params }, x) =>
      tf.tidy(() => {
        const y = apply(x as tf.Tensor4D, params[kernelName] as tf.Tensor4D, options);
        return useBias ? tf.add(y, params[biasName]!) : y;
      }),

    linearize({ params }, x): Linearisation {
      expectImages(x);
      expectRoom([x.shape[0], ...outputShape(x.shape.slice(1))]);
      const kernel = params[kernelName]!;
      const output = forward();
      return {
        output,
        stateUpdate: {},
        pullback(cotangent, { input }) {
          const gradients = {
            [kernelName]: backpropFilter(x, kernel.shape, cotangent, options),
            ...(useBias ? { [biasName]: biasAddGrad(cotangent) } : {}),
          };
          if (!input) return { params: gradients };
          return { params: gradients, input: backpropInput(x.shape, kernel, cotangent, options) };
        },
        pushforward(tangents: Params, input) {
          const { [kernelName]: dKernel, [biasName]: dBias } = tangents;
          const parts = () => [
            ...(input ? [run(input, kernel, options)] : []),
            ...(dKernel ? [run(x, dKernel, options)] : []),
          ];
          return affineTangent(parts, useBias ? dBias : undefined, output.shape);
        },
        [Symbol.dispose]: () => output.dispose(),
      };

      function forward(): tf.Tensor {
        const product = run(x, kernel, options);
        if (!useBias) return product;
        using linear = product;
        return biasAdd(linear, params[biasName]!);
      }
    },
  };
}
