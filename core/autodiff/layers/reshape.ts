import { tf } from '../../engine/index.js';
import type { Layer, Shape } from '../layer.js';

/** `[n, ...]` to `[n, features]`. */
export const flatten = (): Layer => ({
  retains: { input: false, output: false },
  outputShape: (input: Shape) => [input.reduce((product, dimension) => product * dimension, 1)],
  init: () => ({ params: {}, state: {} }),
  apply: (_, x) => tf.reshape(x, [x.shape[0], -1]),
  linearize(_, x) {
    const { shape } = x;
    const output = tf.reshape(x, [shape[0], -1]);
    return {
      output,
      stateUpdate: {},
      pullback: (cotangent, { input }) =>
        input ? { params: {}, input: tf.reshape(cotangent, shape) } : { params: {} },
      pushforward: (_, input) => input && tf.reshape(input, output.shape),
      [Symbol.dispose]: () => output.dispose(),
    };
  },
});

/** Surrounds images `[n, h, w, c]` with zeros so that they are `height` x `width`, as evenly as it goes. */
export function zeroPad({ height, width }: { readonly height: number; readonly width: number }): Layer {
  const paddings = (h: number, w: number): [[number, number], [number, number], [number, number], [number, number]] => {
    const [top, left] = [Math.floor((height - h) / 2), Math.floor((width - w) / 2)];
    return [
      [0, 0],
      [top, height - h - top],
      [left, width - w - left],
      [0, 0],
    ];
  };
  const pad = (x: tf.Tensor): tf.Tensor => tf.pad(x as tf.Tensor4D, paddings(x.shape[1]!, x.shape[2]!));
  return {
    retains: { input: false, output: false },
    outputShape: ([, , channels]) => [height, width, channels!],
    init: () => ({ params: {}, state: {} }),
    apply: (_, x) => pad(x),
    linearize(_, x) {
      const { shape } = x;
      const [, [top], [left]] = paddings(shape[1]!, shape[2]!);
      const output = pad(x);
      return {
        output,
        stateUpdate: {},
        pullback: (cotangent, { input }) =>
          input ? { params: {}, input: tf.slice(cotangent, [0, top, left, 0], shape) } : { params: {} },
        pushforward: (_, input) => input && pad(input),
        [Symbol.dispose]: () => output.dispose(),
      };
    },
  };
}
