import { attribute, nativeOp, tf } from '../../engine/index.js';
import { sumTo } from './elementwise.js';
import { recordedAs, run } from './tape.js';

/** While recording, tfjs fuses a bias but no activation: [fused kernel, the kernel it contains, names of its inputs]. */
for (const [fused, kernel, ...names] of [
  ['FusedConv2D', 'Conv2D', 'x', 'filter'],
  ['FusedDepthwiseConv2D', 'DepthwiseConv2dNative', 'x', 'filter'],
  ['_FusedMatMul', 'BatchMatMul', 'a', 'b'],
] as const) {
  recordedAs.set(fused, ({ bias, ...inputs }, attributes) => {
    const output = run(kernel, Object.fromEntries(names.map((name) => [name, inputs[name]])), attributes);
    if (!bias) return output;
    const perChannel = bias.rank === 1 && bias.size === output.shape.at(-1);
    return perChannel ? run('BiasAdd', { x: output, bias }) : tf.add(output, bias);
  });
}

/** Unlike tf.add, it saves nothing of `x` for its gradient. */
tf.registerKernel({
  kernelName: 'BiasAdd',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs }) =>
    nativeOp('BiasAdd', [inputs['x'], inputs['bias']] as tf.Tensor[], {
      T: attribute.float32(),
      data_format: attribute.string('NHWC'),
    })[0]!,
});

tf.registerGradient({
  kernelName: 'BiasAdd',
  inputsToSave: ['bias'],
  gradFunc: (dy, saved) => ({
    x: () => tf.clone(dy as tf.Tensor),
    bias: () => sumTo(dy as tf.Tensor, saved[0]!.shape),
  }),
});

/** tfjs takes absent inputs for tensors and falls. */
recordedAs.set('FusedBatchNorm', ({ scale, offset, ...inputs }, attributes) =>
  scale && offset
    ? undefined
    : run(
        'FusedBatchNorm',
        { ...inputs, scale: scale ?? tf.onesLike(inputs['mean']!), offset: offset ?? tf.zerosLike(inputs['mean']!) },
        attributes,
      ),
);
