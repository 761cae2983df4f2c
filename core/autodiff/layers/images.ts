import type { tf } from '../../engine/index.js';

/** Refuses what isn't `[n, h, w, c]`, on which TensorFlow's image operations end the process. */
export function expectImages({ rank, shape }: tf.Tensor): void {
  if (rank !== 4) throw new Error(`images have shape [batch, height, width, channels], not [${shape.join(', ')}]`);
}
