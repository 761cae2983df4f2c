import { scoreOf } from '../events/index.js';
import type { ScoreKind, Summary } from '../events/index.js';
import type { Budget } from './budget.js';
import type { Contestant } from './contestants.js';
import type { Records } from './run-trials.js';
import type { Winner } from './search.js';
import { estimate, pairedDifference, type BySeed, type Estimate } from './statistics.js';
import type { Trial } from './trial.js';
import type { FinishedTrial } from './trial-record.js';

/** The test scores of a run: what its last weights, the mean of its last epochs, and the selected weights score. */
export const measures = {
  last: ({ test }: Summary) => scoreOf(test).value,
  lastEpochs: ({ lastEpochs }: Summary) => lastEpochs?.meanAccuracy ?? lastEpochs?.meanR2,
  selected: ({ selected }: Summary) => selected && scoreOf(selected.test).value,
} as const satisfies Record<string, (summary: Summary) => number | undefined>;
export type Measure = keyof typeof measures;

/** Of scores; a measure is absent where no run has it. */
type Estimates = Readonly<Partial<Record<Measure, Estimate>>>;

/** One variant's results over the seeds. */
export interface VariantResult {
  readonly label: string;
  readonly control: boolean;
  readonly strategy: string;
  /** All its changes to the pipeline, found settings included. */
  readonly set: readonly string[];
  readonly found?: Winner;
  readonly epochs: number;
  readonly score: Estimates;
  /** Paired by seed, by label of the control that is subtracted. */
  readonly differences: Readonly<Record<string, Estimates>>;
  readonly gradientCosine?: Estimate;
  /** Effective number of auxiliary classes per primary class, and how many there are. */
  readonly effectiveClasses?: Estimate;
  readonly auxiliaryClasses?: number;
  /** How much the labels say of each sample, 0 to 1, as `EpochMetrics` has it. */
  readonly sharpness?: Estimate;
  /** Updates of the main network and batches seen, in one run. */
  readonly steps?: number;
  readonly batches?: number;
  /** Of training alone, preparation included; the gradient cosine is measured meanwhile. */
  readonly trainingMs?: Estimate;
  /** Of whole runs, validation and tests included. */
  readonly durationMs?: Estimate;
  readonly peakBytes?: Estimate;
  /** Epochs that the measure `lastEpochs` is the mean of. */
  readonly lastEpochs?: number;
  readonly trials: readonly FinalTrial[];
  readonly missing: readonly { readonly seed: number; readonly reason: string }[];
}

/** One run of a variant. */
export interface FinalTrial {
  readonly seed: number;
  readonly directory: string;
  readonly score: number;
  readonly peakBytes: number;
}

/** What a comparison found. */
export interface Comparison {
  readonly name: string;
  readonly directory: string;
  readonly budget: { readonly of: Budget; readonly total: number; readonly statement: string };
  readonly seeds: readonly number[];
  /** Labels of the controls. */
  readonly controls: readonly string[];
  readonly variants: readonly VariantResult[];
  /** What the variants are scored by. */
  readonly scoredBy: ScoreKind;
  /** What was skipped, left out, or chosen, in words. */
  readonly notes: readonly string[];
  readonly stopped: boolean;
}

/** A contestant with what it ran. */
export interface Ran {
  readonly contestant: Contestant;
  readonly epochs: number;
  readonly found?: Winner;
  readonly trials: readonly Trial[];
}

/** Every variant's estimates, and its differences to the controls. */
export function variantResults(all: readonly Ran[], records: Records): VariantResult[] {
  const controls = all.filter(({ contestant }) => contestant.control);
  return all.map((own) => ({
    ...described(own, records),
    differences: Object.fromEntries(
      controls
        .filter((control) => control !== own)
        .map((control) => [
          control.contestant.label,
          estimates((measure) => pairedDifference(bySeed(own, records, measure), bySeed(control, records, measure))),
        ]),
    ),
  }));
}

function described({ contestant, epochs, found, trials }: Ran, records: Records): Omit<VariantResult, 'differences'> {
  const { label, control, pipeline, set } = contestant;
  const finished = trials.flatMap(({ seed, id }) => {
    const record = records.get(id);
    return record?.status === 'finished' ? [{ seed, record }] : [];
  });
  const ofRuns = (value: (record: FinishedTrial) => number | undefined): Estimate | undefined => {
    const values = finished.flatMap(({ record }) => value(record) ?? []);
    return values.length > 0 ? estimate(values) : undefined;
  };
  const one = finished[0]?.record;
  return {
    label,
    control,
    strategy: pipeline.stages.auxiliary.use,
    set: [...set, ...(found?.settings ?? [])],
    ...(found && { found }),
    epochs,
    score: estimates((measure) => ofRuns(({ summary }) => measures[measure](summary))),
    ...present({
      gradientCosine: ofRuns(({ summary }) => summary.gradientCosine),
      effectiveClasses: ofRuns(({ summary }) => mean(summary.labelUse?.map((use) => use.effectiveClasses))),
      auxiliaryClasses: mean(one?.summary.labelUse?.map(({ shares }) => shares.length)),
      sharpness: ofRuns(({ summary }) => summary.metrics.labelSharpness),
      steps: one?.steps,
      batches: one?.batches,
      trainingMs: ofRuns(({ trainingMs }) => trainingMs),
      durationMs: ofRuns(({ summary }) => summary.durationMs),
      peakBytes: ofRuns(({ peakBytes }) => peakBytes),
      lastEpochs: one?.summary.lastEpochs?.epochs,
    }),
    trials: finished.map(({ seed, record: { directory, summary, peakBytes } }) => ({
      seed,
      directory,
      score: measures.last(summary),
      peakBytes,
    })),
    missing: trials.flatMap(({ seed, id }) => {
      const record = records.get(id);
      if (record?.status === 'finished') return [];
      return [{ seed, reason: record?.reason ?? 'not run' }];
    }),
  };
}

function bySeed({ trials }: Ran, records: Records, measure: Measure): BySeed {
  const pairs = trials.flatMap(({ seed, id }): [number, number][] => {
    const record = records.get(id);
    const value = record?.status === 'finished' ? measures[measure](record.summary) : undefined;
    return value === undefined ? [] : [[seed, value]];
  });
  return new Map(pairs);
}

/** What `of` gives for each measure, of those that any run has. */
const estimates = (of: (measure: Measure) => Estimate | undefined): Estimates =>
  Object.fromEntries(
    (Object.keys(measures) as Measure[]).flatMap((measure) => {
      const found = of(measure);
      return found && found.n > 0 ? [[measure, found]] : [];
    }),
  );

const mean = (values: readonly number[] | undefined): number | undefined =>
  values && values.length > 0 ? estimate(values).mean : undefined;

const present = <T extends object>(values: T): { [Key in keyof T]?: NonNullable<T[Key]> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
