import { tf } from '../../core/engine/index.js';

/** Images `[batch, side, side, channels]` turned counterclockwise by `turns` quarters, 0 to 3; owned by the caller. */
export const quarterTurns = (images: tf.Tensor, turns: number): tf.Tensor =>
  tf.tidy(() => {
    if (turns === 0) return images.clone();
    if (turns === 2) return tf.reverse(images, [1, 2]);
    const transposed = tf.transpose(images, [0, 2, 1, 3]);
    return tf.reverse(transposed, turns === 1 ? 1 : 2);
  });
