import { z } from 'zod';
import type { EpochMeter } from '../training/index.js';
import { Tally } from './tally.js';

/** How far the epoch at work has come. */
export interface Within {
  /** Passes that are done. */
  pass: number;
  /** Steps that are done of the pass after these. */
  step: number;
  readonly meter: EpochMeter;
}

const Saved = z.object({
  prepared: z.boolean(),
  within: z.object({ pass: z.int(), step: z.int(), meter: z.unknown() }).optional(),
  tally: z.unknown(),
  /** Of a fixed width, so that a checkpoint's size says nothing of the time it took. */
  elapsedMs: z.string().regex(/^\d+$/),
  best: z.object({ name: z.string(), score: z.number() }).optional(),
});

/** Where a run is in its script, and what its summary needs of the way there; with {@link TrainState}, all that it changes. */
export class Progress {
  /** Whether the strategy's work before the first epoch is done. */
  prepared = false;
  /** The epoch at work; none between epochs. */
  within: Within | undefined;
  readonly tally = new Tally();
  /** Milliseconds of training in the processes before this one. */
  elapsedMs = 0;
  /** The checkpoint of the epoch that scored best on the validation split. */
  best: { readonly name: string; readonly score: number } | undefined;

  /** @param meter a fresh one for each epoch */
  constructor(private readonly meter: () => EpochMeter) {}

  /** The epoch at work, begun where none is. */
  enter(): Within {
    return (this.within ??= { pass: 0, step: 0, meter: this.meter() });
  }

  /** @param elapsedMs milliseconds of training by now */
  snapshot(elapsedMs: number): z.input<typeof Saved> {
    const { prepared, within, tally, best } = this;
    return {
      prepared,
      ...(within && { within: { ...within, meter: within.meter.snapshot() } }),
      tally: tally.snapshot(),
      elapsedMs: String(Math.round(elapsedMs)).padStart(15, '0'),
      ...(best && { best }),
    };
  }

  restore(snapshot: unknown): void {
    const { prepared, within, tally, elapsedMs, best } = Saved.parse(snapshot);
    Object.assign(this, { prepared, elapsedMs: Number(elapsedMs), best });
    this.tally.restore(tally);
    if (!within) return;
    const { pass, step } = within;
    Object.assign(this.enter(), { pass, step });
    this.within!.meter.restore(within.meter);
  }
}
