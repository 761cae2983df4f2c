import type { Points } from '../autoencoder-kmeans/k-means.js';

/** Scales each row of `width` numbers to length 1, in place; rows of zeros stay. */
export function unitRows(values: Float32Array, width: number): Points {
  for (let start = 0; start < values.length; start += width) {
    const row = values.subarray(start, start + width);
    const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
    if (length > 0) row.forEach((value, i) => (row[i] = value / length));
  }
  return { values, width };
}
