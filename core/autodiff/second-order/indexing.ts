import { attribute, nativeOp, tf } from '../../engine/index.js';
import { run } from './tape.js';

/** Cumulative sums run back; tfjs also transposes them, for any axis but the last. */
tf.registerGradient({
  kernelName: 'Cumsum',
  gradFunc: (dy, _, { axis, exclusive, reverse }) => ({
    x: () => tf.cumsum(dy as tf.Tensor, axis as number, exclusive as boolean, !reverse),
  }),
});

tf.registerGradient({
  kernelName: 'GatherNd',
  inputsToSave: ['params', 'indices'],
  gradFunc: (dy, saved) => {
    const [params, indices] = saved as [tf.Tensor, tf.Tensor];
    return {
      params: () => tf.scatterND(indices, dy as tf.Tensor, params.shape),
      indices: () => tf.zeros(indices.shape),
    };
  },
});

tf.registerGradient({
  kernelName: 'ScatterNd',
  inputsToSave: ['indices'],
  gradFunc: (dy, saved) => {
    const [indices] = saved as [tf.Tensor];
    return { updates: () => tf.gatherND(dy as tf.Tensor, indices), indices: () => tf.zeros(indices.shape) };
  },
});

interface StridedSliceAttributes {
  readonly begin: number[];
  readonly end: number[];
  readonly strides: number[];
  readonly beginMask: number;
  readonly endMask: number;
  readonly ellipsisMask: number;
  readonly newAxisMask: number;
  readonly shrinkAxisMask: number;
}

/** Puts `dy` where the slice came from, in zeros of `shape`. */
tf.registerKernel({
  kernelName: 'StridedSliceGrad',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) => {
    const { shape, ...slice } = attrs as unknown as StridedSliceAttributes & { shape: number[] };
    return tf.tidy(() => {
      const bounds = [shape, slice.begin, slice.end, slice.strides].map((list) => tf.tensor1d(list, 'int32'));
      const masks = {
        begin_mask: attribute.int(slice.beginMask),
        end_mask: attribute.int(slice.endMask),
        ellipsis_mask: attribute.int(slice.ellipsisMask),
        new_axis_mask: attribute.int(slice.newAxisMask),
        shrink_axis_mask: attribute.int(slice.shrinkAxisMask),
      };
      const types = { T: attribute.float32(), Index: attribute.int32() };
      return nativeOp('StridedSliceGrad', [...bounds, inputs['dy'] as tf.Tensor], { ...types, ...masks })[0]!;
    });
  },
});

tf.registerGradient({
  kernelName: 'StridedSlice',
  inputsToSave: ['x'],
  gradFunc: (dy, saved, attributes) => ({
    x: () => run('StridedSliceGrad', { dy: dy as tf.Tensor }, { ...attributes, shape: saved[0]!.shape }),
  }),
});

tf.registerGradient({
  kernelName: 'StridedSliceGrad',
  gradFunc: (tangent, _, attributes) => ({ dy: () => run('StridedSlice', { x: tangent as tf.Tensor }, attributes) }),
});

/** Adds what lies in the mirrored margin to where it came from; tfjs cuts the margin off. */
tf.registerKernel({
  kernelName: 'MirrorPadGrad',
  backendName: 'tensorflow',
  kernelFunc: ({ inputs, attrs }) => {
    const { paddings, mode } = attrs as unknown as { paddings: [number, number][]; mode: string };
    using margins = tf.tensor2d(paddings, [paddings.length, 2], 'int32');
    return nativeOp('MirrorPadGrad', [inputs['dy'] as tf.Tensor, margins], {
      T: attribute.float32(),
      Tpaddings: attribute.int32(),
      mode: attribute.string(mode.toUpperCase()),
    })[0]!;
  },
});

tf.registerGradient({
  kernelName: 'MirrorPad',
  gradFunc: (dy, _, attributes) => ({ x: () => run('MirrorPadGrad', { dy: dy as tf.Tensor }, attributes) }),
});

tf.registerGradient({
  kernelName: 'MirrorPadGrad',
  gradFunc: (tangent, _, attributes) => ({ dy: () => run('MirrorPad', { x: tangent as tf.Tensor }, attributes) }),
});
