import { attribute, nativeOp, tf } from '../../engine/index.js';
import { run } from './tape.js';

interface PoolAttributes {
  readonly filterSize: number | [number, number, number];
  readonly strides: number | [number, number, number];
  readonly pad: 'same' | 'valid';
}

const triple = (value: number | readonly number[], dimensions: number): number[] =>
  typeof value === 'number' ? Array.from({ length: dimensions }, () => value) : [...value];

for (const [dimensions, suffix] of [
  [2, ''],
  [3, '3D'],
] as const) {
  const [max, average] = [`MaxPool${suffix}`, `AvgPool${suffix}`];
  const selection = `${max}GradGrad`;

  /** The values of `tangent` where `input` has its window maxima. */
  tf.registerKernel({
    kernelName: selection,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => {
      const { filterSize, strides, pad } = attrs as unknown as PoolAttributes;
      return nativeOp(selection, [inputs['input'], inputs['output'], inputs['tangent']] as tf.Tensor[], {
        T: attribute.float32(),
        ksize: attribute.int([1, ...triple(filterSize, dimensions), 1]),
        strides: attribute.int([1, ...triple(strides, dimensions), 1]),
        padding: attribute.string(pad.toUpperCase()),
        data_format: attribute.string(dimensions === 2 ? 'NHWC' : 'NDHWC'),
      })[0]!;
    },
  });

  /** Away from ties the maxima stay where they are, so both directions are linear maps that don't depend on the input. */
  for (const [kernelName, moved, transpose, transposed] of [
    [`${max}Grad`, 'dy', selection, 'tangent'],
    [selection, 'tangent', `${max}Grad`, 'dy'],
  ] as const) {
    tf.registerGradient({
      kernelName,
      inputsToSave: ['input', 'output'],
      gradFunc: (gradient, saved, attributes) => {
        const [input, output] = saved as [tf.Tensor, tf.Tensor];
        return {
          [moved]: () => run(transpose, { input, output, [transposed]: gradient as tf.Tensor }, attributes),
          input: () => tf.zerosLike(input),
          output: () => tf.zerosLike(output),
        };
      },
    });
  }

  tf.registerGradient({
    kernelName: `${average}Grad`,
    inputsToSave: ['input'],
    gradFunc: (tangent, saved, attributes) => ({
      dy: () => run(average, { x: tangent as tf.Tensor }, attributes),
      input: () => tf.zerosLike(saved[0]!),
    }),
  });
}
