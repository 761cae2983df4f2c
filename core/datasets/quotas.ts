import type { Generator } from '../engine/index.js';

/**
 * Shares `total` out evenly: classes differ by at most one, but for those too small to give their share, which give all.
 * @param counts samples of each class; their sum is at least `total`.
 * @param generator chooses the classes that give one more where `total` doesn't divide.
 */
export function evenQuotas(counts: readonly number[], total: number, generator: Generator): number[] {
  const quotas = counts.map(() => 0);
  let open = [...generator.permutation(counts.length)];
  for (let left = total; left > 0;) {
    open = open.filter((label) => quotas[label]! < counts[label]!);
    const share = Math.max(1, Math.floor(left / open.length));
    for (const label of open.slice(0, left)) {
      const given = Math.min(share, counts[label]! - quotas[label]!);
      quotas[label]! += given;
      left -= given;
    }
  }
  return quotas;
}

/**
 * Shares `total` out in proportion to `counts`, each class within one of its exact part (largest remainders).
 * @param counts samples of each class; their sum is at least `total`.
 * @param generator breaks ties.
 */
export function proportionalQuotas(counts: readonly number[], total: number, generator: Generator): number[] {
  const all = counts.reduce((sum, count) => sum + count, 0);
  const quotas = counts.map((count) => Math.floor((count * total) / all));
  const remainder = (label: number) => (counts[label]! * total) % all;
  const left = total - quotas.reduce((sum, quota) => sum + quota, 0);
  const largestFirst = generator.permutation(counts.length).sort((a, b) => remainder(b) - remainder(a));
  for (const label of largestFirst.subarray(0, left)) quotas[label]! += 1;
  return quotas;
}
