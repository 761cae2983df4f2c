import { tf } from '../../engine/index.js';
import type { Layer } from '../layer.js';
import { parameterless } from './parameterless.js';

/** `[n, ...]` to `[n, features]`. */
export const flatten = (): Layer =>
  parameterless({
    retains: { input: false, output: false },
    outputShape: (input) => [input.reduce((product, dimension) => product * dimension, 1)],
    describe: (input) => (input.length > 1 ? { layer: 'Flatten' } : { chain: [] }),
    apply: (x) => tf.reshape(x, [x.shape[0], -1]),
    at(x) {
      const { shape } = x;
      const flat = (u: tf.Tensor): tf.Tensor => tf.reshape(u, [shape[0], -1]);
      return { output: flat(x), pullback: (cotangent) => tf.reshape(cotangent, shape), pushforward: flat };
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
  return parameterless({
    retains: { input: false, output: false },
    outputShape: ([, , channels]) => [height, width, channels!],
    describe: ([h, w]) => ({ layer: 'ZeroPadding2D', config: { padding: paddings(h!, w!).slice(1, 3) } }),
    apply: pad,
    at(x) {
      const { shape } = x;
      const [, [top], [left]] = paddings(shape[1]!, shape[2]!);
      const crop = (cotangent: tf.Tensor): tf.Tensor => tf.slice(cotangent, [0, top, left, 0], shape);
      return { output: pad(x), pullback: crop, pushforward: pad };
    },
  });
}
