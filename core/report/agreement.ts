/** How far two ways of sorting the same samples agree, whatever the classes are called. */
export interface Agreement {
  /** Normalised mutual information, arithmetic mean of the entropies: 0 independent, 1 the same. */
  readonly nmi: number;
  /** Adjusted Rand index: 0 at chance, 1 the same. */
  readonly ari: number;
}

/**
 * Agreement of two labellings of the same samples.
 * @see L. Hubert, P. Arabie: Comparing partitions. Journal of Classification 2, 1985 (ARI)
 * @see N. X. Vinh, J. Epps, J. Bailey: Information theoretic measures for clusterings comparison. JMLR 11, 2010 (NMI)
 */
export function agreement(a: ArrayLike<number>, b: ArrayLike<number>): Agreement {
  const [first, second, joint] = [new Map<number, number>(), new Map<number, number>(), new Map<string, number>()];
  for (let i = 0; i < a.length; i++) {
    count(first, a[i]!);
    count(second, b[i]!);
    count(joint, `${a[i]!}/${b[i]!}`);
  }
  if (first.size === second.size && (first.size <= 1 || first.size === a.length)) return { nmi: 1, ari: 1 };
  const [entropyA, entropyB] = [entropy(first, a.length), entropy(second, a.length)];
  const information = entropyA + entropyB - entropy(joint, a.length);
  const mean = (entropyA + entropyB) / 2;
  const [pairsA, pairsB, pairs] = [pairsIn(first), pairsIn(second), pairsIn(joint)];
  const expected = (pairsA * pairsB) / ((a.length * (a.length - 1)) / 2);
  return {
    nmi: Math.min(1, Math.max(0, information / mean)),
    ari: (pairs - expected) / ((pairsA + pairsB) / 2 - expected),
  };
}

/**
 * Agreement of `labels` with `reference` inside each group of samples, weighted by the group's size, so that what the
 * grouping itself gives away doesn't count. A group in which the reference knows one class has nothing to agree with.
 * @returns `undefined` where that goes for all groups
 */
export function agreementWithin(
  groups: ArrayLike<number>,
  labels: ArrayLike<number>,
  reference: ArrayLike<number>,
): Agreement | undefined {
  const members = new Map<number, number[]>();
  for (let i = 0; i < groups.length; i++) {
    const list = members.get(groups[i]!);
    if (list) list.push(i);
    else members.set(groups[i]!, [i]);
  }
  let [nmi, ari, weight] = [0, 0, 0];
  for (const list of members.values()) {
    const inside = list.map((i) => reference[i]!);
    if (new Set(inside).size < 2) continue;
    const own = agreement(
      list.map((i) => labels[i]!),
      inside,
    );
    nmi += own.nmi * list.length;
    ari += own.ari * list.length;
    weight += list.length;
  }
  return weight > 0 ? { nmi: nmi / weight, ari: ari / weight } : undefined;
}

const count = <Key>(counts: Map<Key, number>, key: Key): void => void counts.set(key, (counts.get(key) ?? 0) + 1);

const entropy = (counts: ReadonlyMap<unknown, number>, total: number): number =>
  -[...counts.values()].reduce((sum, n) => sum + (n / total) * Math.log(n / total), 0);

const pairsIn = (counts: ReadonlyMap<unknown, number>): number =>
  [...counts.values()].reduce((sum, n) => sum + (n * (n - 1)) / 2, 0);
