import type { LabelUse } from '../events/index.js';
import type { tf } from '../engine/index.js';

/**
 * Labels of a batch summed by primary class.
 * @param targets float32 `[batch, outputs]`, borrowed
 * @returns row-major `[primary classes, outputs]`
 */
export function labelMass(targets: tf.Tensor, primaryClasses: Int32Array, psi: readonly number[]): Float32Array {
  const outputs = targets.shape[1]!;
  const mass = new Float32Array(psi.length * outputs);
  const values = targets.dataSync();
  for (const [n, primary] of primaryClasses.entries()) {
    for (let k = 0; k < outputs; k++) mass[primary * outputs + k]! += values[n * outputs + k]!;
  }
  return mass;
}

/** How evenly each primary class uses its block of auxiliary classes. */
export function labelUse(mass: Float32Array, psi: readonly number[], primaryClasses: readonly string[]): LabelUse[] {
  const outputs = psi.reduce((total, size) => total + size, 0);
  let start = 0;
  return psi.map((size, i) => {
    const block = [...mass.subarray(i * outputs + start, i * outputs + start + size)];
    start += size;
    const total = block.reduce((sum, value) => sum + value, 0);
    const shares = block.map((value) => (total > 0 ? value / total : 0));
    const entropy = -shares.reduce((sum, share) => sum + (share > 0 ? share * Math.log(share) : 0), 0);
    return { primaryClass: primaryClasses[i]!, shares, effectiveClasses: total > 0 ? Math.exp(entropy) : 0 };
  });
}
