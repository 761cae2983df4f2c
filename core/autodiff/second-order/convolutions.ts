import { tf } from '../../engine/index.js';
import { kernelGradient } from '../native/index.js';
import { run } from './tape.js';

interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: 'same' | 'valid' | number | [[number, number], [number, number], [number, number], [number, number]];
  readonly dilations?: number | readonly number[] | null;
}

/** The kernels of each convolution: itself and its gradients. All are linear in both of their inputs. */
const families = [
  ['Conv2D', 'Conv2DBackpropInput', 'Conv2DBackpropFilter'],
  ['DepthwiseConv2dNative', 'DepthwiseConv2dNativeBackpropInput', 'DepthwiseConv2dNativeBackpropFilter'],
  ['Conv3D', 'Conv3DBackpropInputV2', 'Conv3DBackpropFilterV2'],
] as const;

for (const [forward, ofInput, ofFilter] of families) {
  tf.registerGradient({
    kernelName: forward,
    inputsToSave: ['x', 'filter'],
    gradFunc: (gradient, saved, attributes) => {
      const dy = gradient as tf.Tensor;
      const [x, filter] = saved as [tf.Tensor, tf.Tensor];
      const padding = paddingOf(x, filter, attributes as unknown as ConvAttributes);
      const spreading = spreadingOf(filter, attributes as unknown as ConvAttributes);
      const plain = { ...attributes, pad: padding.pad, dilations: 1 };
      return {
        x: () => {
          const inputShape = padding.apply(x).shape;
          return padding.transpose(run(ofInput, { dy, filter: spreading.apply(filter) }, { ...plain, inputShape }));
        },
        filter: () => {
          const filterShape = spreading.apply(filter).shape;
          return spreading.transpose(run(ofFilter, { x: padding.apply(x), dy }, { ...plain, filterShape }));
        },
      };
    },
  });

  tf.registerGradient({
    kernelName: ofInput,
    inputsToSave: ['dy', 'filter'],
    gradFunc: (tangent, saved, attributes) => {
      const x = tangent as tf.Tensor;
      const [dy, filter] = saved as [tf.Tensor, tf.Tensor];
      return {
        dy: () => run(forward, { x, filter }, { ...attributes, dilations: 1 }),
        filter: () => run(ofFilter, { x, dy }, { ...attributes, dilations: 1, filterShape: filter.shape }),
      };
    },
  });

  tf.registerGradient({
    kernelName: ofFilter,
    inputsToSave: ['x', 'dy'],
    gradFunc: (tangent, saved, attributes) => {
      const filter = tangent as tf.Tensor;
      const [x, dy] = saved as [tf.Tensor, tf.Tensor];
      return {
        x: () => run(ofInput, { dy, filter }, { ...attributes, dilations: 1, inputShape: x.shape }),
        dy: () => run(forward, { x, filter }, { ...attributes, dilations: 1 }),
      };
    },
  });
}

/** tfjs hands dilation on to a kernel that knows it only with oneDNN. */
for (const kernelName of ['DepthwiseConv2dNative', 'FusedDepthwiseConv2D']) {
  const plain = tf.getKernel(kernelName, 'tensorflow');
  tf.unregisterKernel(kernelName, 'tensorflow');
  tf.registerKernel({
    ...plain,
    kernelFunc({ inputs, attrs, backend }) {
      const filter = inputs['filter'] as tf.Tensor;
      const spread = tf.tidy(() => spreadingOf(filter, attrs as unknown as ConvAttributes).apply(filter));
      try {
        return plain.kernelFunc({ inputs: { ...inputs, filter: spread }, attrs: { ...attrs, dilations: 1 }, backend });
      } finally {
        if (spread !== filter) spread.dispose();
      }
    },
  });
}

/** `kernelGradient` on the tape too; padding by numbers, which only a call by hand has, stays with tfjs. */
const ofKernel = tf.getKernel('Conv2DBackpropFilter', 'tensorflow');
tf.unregisterKernel(ofKernel.kernelName, ofKernel.backendName);
tf.registerKernel({
  ...ofKernel,
  kernelFunc(call) {
    const { strides, pad, filterShape } = call.attrs as unknown as ConvAttributes & { filterShape: readonly number[] };
    if (pad !== 'same' && pad !== 'valid') return ofKernel.kernelFunc(call);
    const { x, dy } = call.inputs as { x: tf.Tensor; dy: tf.Tensor };
    return kernelGradient(x, filterShape, dy, {
      strides: typeof strides === 'number' ? [strides, strides] : strides,
      padding: pad,
    });
  },
});

interface LinearMap {
  apply(tensor: tf.Tensor): tf.Tensor;
  transpose(tensor: tf.Tensor): tf.Tensor;
}

/** Padding by numbers, which the gradient kernels don't know, as an operation of its own; `pad` is what is left to them. */
function paddingOf(
  x: tf.Tensor,
  filter: tf.Tensor,
  { pad, strides, dilations }: ConvAttributes,
): LinearMap & { pad: string } {
  if (typeof pad === 'string') return { pad, apply: (t) => t, transpose: (t) => t };
  const { padInfo } = tf.backend_util.computeConv2DInfo(
    x.shape as [number, number, number, number],
    filter.shape as [number, number, number, number],
    strides,
    (dilations ?? 1) as [number, number],
    pad,
  );
  const { top, bottom, left, right } = padInfo;
  return {
    pad: 'valid',
    apply: (t) =>
      tf.pad(t, [
        [0, 0],
        [top, bottom],
        [left, right],
        [0, 0],
      ]),
    transpose: (t) => tf.slice(t, [0, top, left, 0], x.shape),
  };
}

/** Dilation, which the gradient kernels don't know, as zeros between the elements of the filter. */
function spreadingOf(filter: tf.Tensor, { dilations }: ConvAttributes): LinearMap {
  const rates = filter.shape
    .slice(0, -2)
    .map((_, axis) => (typeof dilations === 'number' ? dilations : (dilations?.[axis] ?? 1)));
  const overAxes =
    (step: (t: tf.Tensor, axis: number, rate: number) => tf.Tensor) =>
    (tensor: tf.Tensor): tf.Tensor =>
      rates.reduce((t, rate, axis) => (rate === 1 ? t : step(t, axis, rate)), tensor);
  return { apply: overAxes(spread), transpose: overAxes(gather) };
}

/** Puts `rate - 1` zeros between neighbours along an axis. */
function spread(t: tf.Tensor, axis: number, rate: number): tf.Tensor {
  const size = t.shape[axis]!;
  const columns = padAfter(tf.reshape(t, replaced(t, axis, size, 1)), axis + 1, rate - 1);
  const whole = tf.reshape(columns, replaced(t, axis, size * rate));
  return first(whole, axis, (size - 1) * rate + 1);
}

/** Takes every `rate`-th element along an axis. */
function gather(t: tf.Tensor, axis: number, rate: number): tf.Tensor {
  const size = (t.shape[axis]! - 1) / rate + 1;
  const columns = tf.reshape(padAfter(t, axis, rate - 1), replaced(t, axis, size, rate));
  return tf.reshape(first(columns, axis + 1, 1), replaced(t, axis, size));
}

const replaced = ({ shape }: tf.Tensor, axis: number, ...sizes: number[]): number[] => [
  ...shape.slice(0, axis),
  ...sizes,
  ...shape.slice(axis + 1),
];

const first = (t: tf.Tensor, axis: number, size: number): tf.Tensor =>
  tf.slice(
    t,
    t.shape.map(() => 0),
    replaced(t, axis, size),
  );

const padAfter = (t: tf.Tensor, axis: number, amount: number): tf.Tensor =>
  tf.pad(
    t,
    t.shape.map((_, i): [number, number] => [0, i === axis ? amount : 0]),
  );
