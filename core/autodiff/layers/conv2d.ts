import { tf } from '../../engine/index.js';
import type { Layer, Linearisation, Params, Shape } from '../layer.js';
import * as native from '../native.js';
import { affineTangent } from './affine.js';
import { fanInUniform } from './initial.js';

export interface Conv2dOptions {
  readonly filters: number;
  readonly kernelSize?: number;
  readonly strides?: number;
  readonly padding?: 'same' | 'valid';
}

/** A 2-D convolution with bias: `[n, h, w, in]` to `[n, h', w', filters]`; parameters `name/kernel` (HWIO) and `name/bias`. */
export function conv2d(name: string, { filters, kernelSize = 3, strides = 1, padding = 'same' }: Conv2dOptions): Layer {
  const kernelName = `${name}/kernel`;
  const biasName = `${name}/bias`;
  const options = { strides, padding };
  const size = (input: number): number =>
    padding === 'same' ? Math.ceil(input / strides) : Math.floor((input - kernelSize) / strides) + 1;

  return {
    retains: { input: true, output: false },

    outputShape: (input: Shape) => [size(input[0]!), size(input[1]!), filters],

    init([, , channels], random) {
      const fanIn = kernelSize * kernelSize * channels!;
      return {
        params: {
          [kernelName]: fanInUniform([kernelSize, kernelSize, channels!, filters], fanIn, random),
          [biasName]: fanInUniform([filters], fanIn, random),
        },
        state: {},
      };
    },

    apply: ({ params }, x) =>
      tf.tidy(() =>
        tf.add(tf.conv2d(x as tf.Tensor4D, params[kernelName] as tf.Tensor4D, strides, padding), params[biasName]!),
      ),

    linearize({ params }, x): Linearisation {
      const kernel = params[kernelName]!;
      using product = native.conv2d(x, kernel, options);
      const output = native.biasAdd(product, params[biasName]!);
      return {
        output,
        stateUpdate: {},
        pullback(cotangent, { input }) {
          const gradients = {
            [kernelName]: native.conv2dBackpropFilter(x, kernel.shape, cotangent, options),
            [biasName]: native.biasAddGrad(cotangent),
          };
          if (!input) return { params: gradients };
          return { params: gradients, input: native.conv2dBackpropInput(x.shape, kernel, cotangent, options) };
        },
        pushforward(tangents: Params, input) {
          const { [kernelName]: dKernel, [biasName]: dBias } = tangents;
          const parts = () => [
            ...(input ? [native.conv2d(input, kernel, options)] : []),
            ...(dKernel ? [native.conv2d(x, dKernel, options)] : []),
          ];
          return affineTangent(parts, dBias, output.shape);
        },
        [Symbol.dispose]: () => output.dispose(),
      };
    },
  };
}
