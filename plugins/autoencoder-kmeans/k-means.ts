import type { Generator } from '../../core/engine/index.js';

/** Rows of `width` numbers each. */
export interface Points {
  readonly values: Float32Array;
  readonly width: number;
}

export interface Clustering {
  /** The cluster of each point, 0 to k - 1; every cluster has a point. */
  readonly labels: Int32Array;
  /** Sum of squared distances to the means of the clusters. */
  readonly inertia: number;
}

const mostIterations = 100;

/**
 * K-Means from seeds drawn by k-means++ (Arthur and Vassilvitskii 2007), until no point changes its cluster. A cluster that
 * has lost all its points takes the point farthest from its mean out of the largest one.
 * @param k at most the number of points
 */
export function kMeans(points: Points, k: number, generator: Generator): Clustering {
  const { values, width } = points;
  const size = values.length / width;
  const means = seeds(points, k, generator);
  let labels = new Int32Array(size).fill(-1);
  const distances = new Float64Array(size);
  for (let iteration = 0; iteration < mostIterations; iteration++) {
    const next = labels.map((_, n) => {
      let best = 0;
      distances[n] = Infinity;
      for (let c = 0; c < k; c++) {
        const distance = squaredDistance(values, n, means, c, width);
        if (distance >= distances[n]) continue;
        distances[n] = distance;
        best = c;
      }
      return best;
    });
    fillEmpty(next, distances, k);
    const same = next.every((label, n) => label === labels[n]);
    labels = next;
    if (same) break;
    moveToMeans(means, points, labels, k);
  }
  moveToMeans(means, points, labels, k);
  const inertia = labels.reduce((sum, label, n) => sum + squaredDistance(values, n, means, label, width), 0);
  return { labels, inertia };
}

/** The first mean is any point; each further one a point drawn in proportion to its squared distance from the nearest. */
function seeds({ values, width }: Points, k: number, generator: Generator): Float64Array {
  const size = values.length / width;
  const means = new Float64Array(k * width);
  const distances = new Float64Array(size).fill(Infinity);
  let chosen = generator.integer(size);
  for (let c = 0; c < k; c++) {
    means.set(values.subarray(chosen * width, (chosen + 1) * width), c * width);
    let total = 0;
    for (let n = 0; n < size; n++) {
      distances[n] = Math.min(distances[n]!, squaredDistance(values, n, means, c, width));
      total += distances[n]!;
    }
    let left = generator.uniform(0, total);
    chosen = distances.findIndex((distance) => (left -= distance) < 0);
    if (chosen < 0) chosen = generator.integer(size);
  }
  return means;
}

function fillEmpty(labels: Int32Array, distances: Float64Array, k: number): void {
  const sizes = new Int32Array(k);
  for (const label of labels) sizes[label]! += 1;
  for (let empty = sizes.indexOf(0); empty >= 0; empty = sizes.indexOf(0)) {
    const largest = sizes.indexOf(Math.max(...sizes));
    let farthest = labels.indexOf(largest);
    for (const [n, label] of labels.entries()) {
      if (label === largest && distances[n]! > distances[farthest]!) farthest = n;
    }
    labels[farthest] = empty;
    sizes[largest]! -= 1;
    sizes[empty] = 1;
  }
}

function moveToMeans(means: Float64Array, { values, width }: Points, labels: Int32Array, k: number): void {
  const sizes = new Int32Array(k);
  means.fill(0);
  for (const [n, label] of labels.entries()) {
    sizes[label]! += 1;
    for (let i = 0; i < width; i++) means[label * width + i]! += values[n * width + i]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! /= sizes[Math.floor(i / width)]!;
}

function squaredDistance(values: Float32Array, n: number, means: Float64Array, c: number, width: number): number {
  let sum = 0;
  for (let i = 0; i < width; i++) {
    const difference = values[n * width + i]! - means[c * width + i]!;
    sum += difference * difference;
  }
  return sum;
}
