import { trunkOf } from '../../../core/autodiff/index.js';
import type { Params } from '../../../core/autodiff/index.js';

/** Product of norms below which the reference's cosine fades to zero. */
const epsilon = 1e-8;

/**
 * The cosine that the published reference prints: per trunk tensor the cosine of each output channel's row (each element
 * its own row, for vectors), averaged over rows, then over tensors.
 */
export function rowwiseCosine(primary: Params, auxiliary: Params): number {
  const means = Object.entries(trunkOf(primary)).map(([name, tensor]) => {
    const rows = tensor.shape.at(-1)!;
    const [p, a] = [tensor.dataSync(), auxiliary[name]!.dataSync()];
    const dots = new Float64Array(rows);
    const norms = [new Float64Array(rows), new Float64Array(rows)] as const;
    for (let i = 0; i < p.length; i++) {
      const row = i % rows;
      dots[row]! += p[i]! * a[i]!;
      norms[0][row]! += p[i]! ** 2;
      norms[1][row]! += a[i]! ** 2;
    }
    return mean(dots.map((dot, row) => dot / Math.max(Math.sqrt(norms[0][row]! * norms[1][row]!), epsilon)));
  });
  return mean(means);
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
