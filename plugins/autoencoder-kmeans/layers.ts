import { chain, conv2d, dense, flatten, relu, wrap } from '../../core/autodiff/index.js';
import type { Layer, Shape } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';

export interface Coding {
  /** From inputs to `[n, latent]`. */
  readonly encoder: Layer;
  /** Back to the shape of the inputs. */
  readonly decoder: Layer;
}

interface Sizes {
  readonly latent: number;
  readonly channels: number;
  readonly hidden: number;
}

/** Convolutional layers for images `[height, width, channels]`, dense ones for inputs of any other shape. */
export const coding = (input: Shape, sizes: Sizes): Coding =>
  input.length === 3 ? convolutional(input, sizes) : fullyConnected(input, sizes);

/** Each of two convolutions halves height and width; on the way back each is doubled again, and cut to size. */
function convolutional([height, width, colours]: Shape, { latent, channels }: Sizes): Coding {
  const half = [Math.ceil(height! / 2), Math.ceil(width! / 2)] as const;
  const quarter = [Math.ceil(half[0] / 2), Math.ceil(half[1] / 2), 2 * channels] as const;
  const halving = { kernelSize: 3, strides: 2 };
  return {
    encoder: chain(
      conv2d('encoder/conv1', { filters: channels, ...halving }),
      relu(),
      conv2d('encoder/conv2', { filters: 2 * channels, ...halving }),
      relu(),
      flatten(),
      dense('encoder/latent', { units: latent }),
    ),
    decoder: chain(
      dense('decoder/dense', { units: quarter[0] * quarter[1] * quarter[2] }),
      relu(),
      unflatten(quarter),
      conv2d('decoder/conv1', { filters: 4 * channels }),
      doubled(half),
      relu(),
      conv2d('decoder/conv2', { filters: 4 * colours! }),
      doubled([height!, width!]),
    ),
  };
}

function fullyConnected(input: Shape, { latent, hidden }: Sizes): Coding {
  const features = input.reduce((product, size) => product * size, 1);
  return {
    encoder: chain(
      flatten(),
      dense('encoder/dense', { units: hidden }),
      relu(),
      dense('encoder/latent', { units: latent }),
    ),
    decoder: chain(
      dense('decoder/dense', { units: hidden }),
      relu(),
      dense('decoder/output', { units: features }),
      unflatten(input),
    ),
  };
}

/** `[n, features]` to `[n, ...shape]`. */
const unflatten = (shape: Shape): Layer =>
  wrap((_, x) => tf.reshape(x, [x.shape[0], ...shape]), [], { outputShape: () => shape });

/**
 * `[n, h, w, 4c]` to `[n, 2h, 2w, c]`, cut to height and width: four channels become a square of 2 x 2 pixels (Shi et al.
 * 2016, "Real-Time Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network").
 */
const doubled = ([height, width]: readonly [number, number]): Layer =>
  wrap(
    (_, x) => {
      const [n, h, w, channels] = x.shape as [number, number, number, number];
      const squares = tf.reshape(x, [n, h, w, 2, 2, channels / 4]);
      const rows = tf.transpose(squares, [0, 1, 3, 2, 4, 5]);
      return tf.slice(tf.reshape(rows, [n, 2 * h, 2 * w, channels / 4]), 0, [n, height, width, channels / 4]);
    },
    [],
    { outputShape: ([, , channels]) => [height, width, channels! / 4] },
  );
