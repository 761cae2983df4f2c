import { tf } from '../engine/index.js';
import type { Labels } from './auxiliary-labels.js';

/** Labels that are sure of one class for each sample: one-hot rows, float32 `[batch, outputs]`; owned by the caller. */
export function oneHotLabels(classes: Int32Array, outputs: number): Labels {
  const values = new Float32Array(classes.length * outputs);
  for (const [n, label] of classes.entries()) values[n * outputs + label] = 1;
  const targets = tf.tensor2d(values, [classes.length, outputs]);
  return { targets, [Symbol.dispose]: () => targets.dispose() };
}
