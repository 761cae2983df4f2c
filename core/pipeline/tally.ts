import { z } from 'zod';
import type { EpochMetrics, Evaluation, LabelUse, RunEventBody, Summary } from '../events/index.js';

const Counts = z.object({
  metrics: z.unknown().optional(),
  labelUse: z.unknown().optional(),
  cosines: z.object({ sum: z.number(), count: z.int() }),
  tests: z.array(z.tuple([z.int(), z.unknown()])),
});

type Results = Pick<Summary, 'metrics' | 'labelUse' | 'gradientCosine'>;

/** Gathers from a run's events what its summary says. */
export class Tally {
  private metrics: EpochMetrics | undefined;
  private labelUse: readonly LabelUse[] | undefined;
  private readonly cosines = { sum: 0, count: 0 };
  /** What the weights of each tested epoch scored on the test split. */
  readonly tests = new Map<number, Evaluation>();

  see(event: RunEventBody): void {
    if (event.type === 'evaluate:end' && event.split === 'test') this.tests.set(event.epoch, scores(event));
    if (event.type !== 'epoch:end') return;
    ({ metrics: this.metrics, labelUse: this.labelUse } = event);
    const { gradientCosine } = event.metrics;
    if (gradientCosine === undefined) return;
    this.cosines.sum += gradientCosine;
    this.cosines.count++;
  }

  /** Of the last finished epoch, and the mean gradient cosine of all; `undefined` before the first one has ended. */
  get results(): Results | undefined {
    const { metrics, labelUse, cosines } = this;
    return (
      metrics && {
        metrics,
        ...(labelUse && { labelUse }),
        ...(cosines.count > 0 && { gradientCosine: cosines.sum / cosines.count }),
      }
    );
  }

  /** Data that JSON keeps exactly. */
  snapshot(): z.input<typeof Counts> {
    const { metrics, labelUse, cosines, tests } = this;
    return { metrics, labelUse, cosines, tests: [...tests] };
  }

  restore(snapshot: unknown): void {
    const { metrics, labelUse, cosines, tests } = Counts.parse(snapshot);
    this.metrics = metrics as EpochMetrics | undefined;
    this.labelUse = labelUse as LabelUse[] | undefined;
    Object.assign(this.cosines, cosines);
    for (const [epoch, score] of tests) this.tests.set(epoch, score as Evaluation);
  }
}

/** A score without what an event says beside it. */
export function scores(event: Extract<RunEventBody, { type: 'evaluate:end' }>): Evaluation {
  const { split, samples, primaryLoss, primaryAccuracy, primaryR2, primaryRmse } = event;
  return {
    split,
    samples,
    primaryLoss,
    ...(primaryAccuracy !== undefined && { primaryAccuracy }),
    ...(primaryR2 !== undefined && { primaryR2, primaryRmse: primaryRmse! }),
  };
}
