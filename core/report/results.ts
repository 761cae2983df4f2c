import { scoreOf, type ScoreKind } from '../events/index.js';
import { datasetOf, type Arm } from './arms.js';
import { estimate, type Estimate } from '../compare/index.js';
import type { RunRecord } from './run-record.js';

/** One run's score, or its difference to another run's of the same seed. */
export interface Score {
  readonly seed: number;
  /** An accuracy as a share: 0.01 is one percentage point. */
  readonly score: number;
}

/** An arm's test results, and its differences to the baseline, seed by seed. */
export interface ArmResult {
  readonly arm: Arm;
  readonly scores: readonly Score[];
  readonly kind: ScoreKind;
  readonly score: Estimate;
  readonly loss: Estimate;
  readonly durationMs: Estimate;
  /** Most memory that a run's process held, where a comparison has measured it. */
  readonly peakBytes?: Estimate;
  /** Score of the epoch that was best on validation, where the runs kept it. */
  readonly selected?: Estimate;
  /** Mean score of the last epochs, where the runs scored them. */
  readonly lastEpochs?: Estimate;
  /** Differences to each baseline that has runs on the same data and of the same seeds. */
  readonly paired: readonly Paired[];
}

/** Differences to a baseline, seed by seed. */
export interface Paired {
  readonly baseline: Arm;
  readonly difference: Estimate;
  readonly scores: readonly Score[];
}

/** Test results of the arms that have finished runs. */
export function results(arms: readonly Arm[]): readonly ArmResult[] {
  return arms.flatMap((arm) => {
    const summaries = arm.runs.flatMap(({ summary }) => summary ?? []);
    if (summaries.length === 0) return [];
    const of = (pick: (summary: (typeof summaries)[number]) => number | undefined): Estimate =>
      estimate(summaries.flatMap((summary) => pick(summary) ?? []));
    const selected = of((summary) => summary.selected && scoreOf(summary.selected.test).value);
    const lastEpochs = of(({ lastEpochs: last }) => last?.meanAccuracy ?? last?.meanR2);
    const peakBytes = estimate(arm.runs.flatMap((run) => (run.summary && run.peakBytes) ?? []));
    return {
      arm,
      scores: scoresOf(arm.runs),
      kind: scoreOf(summaries[0]!.test).kind,
      score: of(({ test }) => scoreOf(test).value),
      loss: of(({ test }) => test.primaryLoss),
      durationMs: of(({ durationMs }) => durationMs),
      ...(peakBytes.n > 0 && { peakBytes }),
      ...(selected.n > 0 && { selected }),
      ...(lastEpochs.n > 0 && { lastEpochs }),
      paired: arms.flatMap((other) => pair(arm, other) ?? []),
    };
  });
}

function pair(arm: Arm, baseline: Arm): Paired | undefined {
  if (!baseline.baseline || baseline === arm || datasetOf(baseline) !== datasetOf(arm)) return undefined;
  const bySeed = new Map(scoresOf(baseline.runs).map(({ seed, score }) => [seed, score]));
  const scores = scoresOf(arm.runs).flatMap(({ seed, score }) => {
    const base = bySeed.get(seed);
    return base === undefined ? [] : [{ seed, score: score - base }];
  });
  if (scores.length === 0) return undefined;
  return { baseline, scores, difference: estimate(scores.map(({ score }) => score)) };
}

const scoresOf = (runs: readonly RunRecord[]): readonly Score[] =>
  runs.flatMap(({ start, summary }) => (summary ? [{ seed: start.seed, score: scoreOf(summary.test).value }] : []));
