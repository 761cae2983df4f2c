import { tf } from '../../engine/index.js';
import type { Layer, Linearisation } from '../layer.js';
import * as native from '../native/index.js';
import { affineTangent } from './affine.js';
import { fanInUniform } from './initial.js';

/** An affine map `[n, in]` to `[n, units]`; parameters `name/kernel` `[in, units]` and `name/bias`. */
export function dense(name: string, { units }: { readonly units: number }): Layer {
  const kernelName = `${name}/kernel`;
  const biasName = `${name}/bias`;

  return {
    name,
    retains: { input: true, output: false },

    outputShape: () => [units],

    describe: () => ({ layer: 'Dense', config: { units }, weights: [kernelName, biasName] }),

    init: ([features], random) => ({
      params: {
        [kernelName]: fanInUniform([features!, units], features!, random),
        [biasName]: fanInUniform([units], features!, random),
      },
      state: {},
    }),

    apply: ({ params }, x) =>
      tf.tidy(() => tf.add(tf.matMul(x as tf.Tensor2D, params[kernelName] as tf.Tensor2D), params[biasName]!)),

    linearize({ params }, x): Linearisation {
      const kernel = params[kernelName]!;
      using product = native.matMul(x, kernel);
      const output = native.biasAdd(product, params[biasName]!);
      return {
        output,
        stateUpdate: {},
        pullback(cotangent, { input }) {
          const gradients = {
            [kernelName]: native.matMul(x, cotangent, true),
            [biasName]: native.biasAddGrad(cotangent),
          };
          if (!input) return { params: gradients };
          return { params: gradients, input: native.matMul(cotangent, kernel, false, true) };
        },
        pushforward(tangents, input) {
          const { [kernelName]: dKernel, [biasName]: dBias } = tangents;
          const parts = () => [
            ...(input ? [native.matMul(input, kernel)] : []),
            ...(dKernel ? [native.matMul(x, dKernel)] : []),
          ];
          return affineTangent(parts, dBias, output.shape);
        },
        [Symbol.dispose]: () => output.dispose(),
      };
    },
  };
}
