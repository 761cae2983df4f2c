import type { EpochMetrics, RunEventOf } from '../events/index.js';

/** What a run is told by, the first that its epochs have: held-out samples before those it trains on, shares before losses. */
const measures = [
  { key: 'validationAccuracy', sign: 1 },
  { key: 'validationLoss', sign: -1 },
  { key: 'primaryAccuracy', sign: 1 },
  { key: 'primaryLoss', sign: -1 },
] as const satisfies readonly { readonly key: keyof EpochMetrics; readonly sign: 1 | -1 }[];

/** How a run scores over its epochs. */
export interface Score {
  readonly measure: (typeof measures)[number]['key'];
  readonly last: number;
  readonly best: number;
  /** The epoch of the best, the first of equals. */
  readonly bestEpoch: number;
}

/** The score of finished epochs; `undefined` before the first, or where nothing finite was measured. */
export function bestScore(epochs: readonly RunEventOf<'epoch:end'>[]): Score | undefined {
  for (const { key, sign } of measures) {
    const scored = epochs.flatMap(({ epoch, metrics }) => {
      const value: unknown = metrics[key];
      return typeof value === 'number' && Number.isFinite(value) ? [{ epoch, value }] : [];
    });
    if (scored.length === 0) continue;
    const best = scored.reduce((best, other) => (sign * other.value > sign * best.value ? other : best));
    return { measure: key, last: scored.at(-1)!.value, best: best.value, bestEpoch: best.epoch };
  }
  return undefined;
}
