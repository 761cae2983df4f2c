import { tf } from '../engine/index.js';
import * as native from './native.js';

/*
 * Makes tfjs's tape right in second order.
 *
 * A tfjs gradient that saves its kernel's output loses the path from that output back to the input, so the gradient of
 * the gradient is silently wrong. Here such gradients compute the output anew from saved inputs, on the tape. Kernels
 * that appear only inside gradients get the gradients they lack.
 */

/** Kernels whose gradient saves outputs, with the names of all their inputs. */
const outputSavers: Readonly<Record<string, readonly string[]>> = {
  Elu: ['x'],
  Exp: ['x'],
  LogSoftmax: ['logits'],
  Max: ['x'],
  MaxPool: ['x'],
  Min: ['x'],
  Pow: ['a', 'b'],
  Sigmoid: ['x'],
  Softmax: ['logits'],
  Sqrt: ['x'],
  Tanh: ['x'],
};

for (const [kernelName, inputNames] of Object.entries(outputSavers)) {
  const gradient = tf.getGradient(kernelName);
  if (!gradient.outputsToSave?.some(Boolean)) continue;
  const kept = inputNames.filter((name) => gradient.inputsToSave?.includes(name));
  tf.registerGradient({
    kernelName,
    inputsToSave: [...inputNames],
    gradFunc: (dy, saved, attributes) => {
      const inputs = Object.fromEntries(inputNames.map((name, i) => [name, saved[i]!]));
      const output: tf.Tensor = tf.engine().runKernel(kernelName, inputs, attributes);
      return gradient.gradFunc(dy, [...kept.map((name) => inputs[name]!), output], attributes);
    },
  });
}

type Pad = 'valid' | 'same';

tf.registerGradient({
  kernelName: 'Conv2DBackpropFilter',
  inputsToSave: ['x', 'dy'],
  gradFunc: (ddFilter, saved, attributes) => {
    const [x, dy] = saved as [tf.Tensor4D, tf.Tensor4D];
    const { strides, pad } = attributes as unknown as { strides: [number, number]; pad: Pad };
    const filter = ddFilter as tf.Tensor4D;
    return {
      x: () => tf.conv2dTranspose(dy, filter, x.shape, strides, pad),
      dy: () => tf.conv2d(x, filter, strides, pad),
    };
  },
});

const windowsOf = (value: unknown): number => (Array.isArray(value) ? (value[0] as number) : (value as number));

/** Away from ties the maxima stay where they are, so only `dy` carries a gradient. */
tf.registerKernel({
  kernelName: 'MaxPoolGradGrad',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) =>
    native.maxPoolGradGrad(
      inputs['x'] as tf.Tensor,
      inputs['y'] as tf.Tensor,
      inputs['tangent'] as tf.Tensor,
      windowsOf(attrs?.['filterSize']),
    ),
});

tf.registerGradient({
  kernelName: 'MaxPoolGrad',
  inputsToSave: ['input', 'output'],
  gradFunc: (tangent, saved, attributes) => {
    const [x, y] = saved as [tf.Tensor, tf.Tensor];
    const { filterSize, strides, pad } = attributes as unknown as { filterSize: number; strides: number; pad: Pad };
    if (windowsOf(filterSize) !== windowsOf(strides) || pad !== 'valid') {
      throw new Error('second order of maxPool is there for windows that do not overlap, with padding "valid"');
    }
    return {
      dy: () => tf.engine().runKernel('MaxPoolGradGrad', { x, y, tangent: tangent as tf.Tensor }, { filterSize }),
      input: () => tf.zerosLike(x),
      output: () => tf.zerosLike(y),
    };
  },
});

tf.registerGradient({
  kernelName: 'AvgPoolGrad',
  inputsToSave: ['input'],
  gradFunc: (tangent, saved, attributes) => {
    const { filterSize, strides, pad } = attributes as unknown as { filterSize: number; strides: number; pad: Pad };
    return {
      dy: () => tf.avgPool(tangent as tf.Tensor4D, filterSize, strides, pad),
      input: () => tf.zerosLike(saved[0]!),
    };
  },
});

/** Comparisons are constant almost everywhere; tfjs has no gradient for most of them and throws instead. */
for (const kernelName of ['Equal', 'Greater', 'Less', 'LessEqual', 'NotEqual']) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ['a', 'b'],
    gradFunc: (_, saved) => {
      const [a, b] = saved as [tf.Tensor, tf.Tensor];
      return { a: () => tf.zeros(a.shape), b: () => tf.zeros(b.shape) };
    },
  });
}
