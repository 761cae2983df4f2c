import { assignment } from './assignment.js';

/**
 * Numbers new clusters like the old ones that they share most samples with, one to one and as many samples as can be, so
 * that the auxiliary head may go on with what it has learned.
 * @param before and `now`: clusters of the same samples, 0 to `clusters` - 1
 */
export function keepIdentity(before: Int32Array, now: Int32Array, clusters: number): Int32Array {
  const shared = Array.from({ length: clusters }, () => Array<number>(clusters).fill(0));
  for (const [n, cluster] of now.entries()) shared[cluster]![before[n]!]! += 1;
  const names = assignment(shared);
  return now.map((cluster) => names[cluster]!);
}
