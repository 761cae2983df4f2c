import type { Arm } from '../arms.js';
import type { EpochRecord } from '../run-record.js';
import { estimate } from '../../compare/index.js';
import type { Line } from '../figures/line-figure.js';

/** One arm's line over epochs: the mean over its runs, and one standard deviation about it where there are several. */
export function overSeeds(
  { label, color, runs }: Arm,
  pick: (epoch: EpochRecord) => number | undefined,
): Line | undefined {
  const byEpoch = new Map<number, number[]>();
  for (const epoch of runs.flatMap(({ epochs }) => epochs)) {
    const value = pick(epoch);
    if (value === undefined || !Number.isFinite(value)) continue;
    byEpoch.set(epoch.epoch, [...(byEpoch.get(epoch.epoch) ?? []), value]);
  }
  if (byEpoch.size === 0) return undefined;
  const points = [...byEpoch]
    .sort(([a], [b]) => a - b)
    .map(([x, values]) => {
      const { mean, deviation } = estimate(values);
      return { x, mean, ...(deviation !== undefined && { low: mean - deviation, high: mean + deviation }) };
    });
  return { label, color, points };
}

/** What the last values of lines are, for those who can't see them. */
export const describeLines = (lines: readonly Line[], format: (value: number) => string): string =>
  lines.map(({ label, points }) => `${label} ends at ${format(points.at(-1)!.mean)}`).join('; ');
