import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { StageConfig } from '../../core/stages/index.js';
import type { Position, Schedule } from '../../core/stages/index.js';

export const ConstantConfig = z.strictObject({ initial: z.number().min(0).describe('the rate of every step') });

/** The same value throughout; a plain number in a pipeline means this. */
@injectable()
export class Constant implements Schedule {
  constructor(@inject(StageConfig) private readonly config: z.output<typeof ConstantConfig>) {}

  at(): number {
    return this.config.initial;
  }
}

export const StepConfig = z.strictObject({
  initial: z.number().min(0).describe('the rate of the first step'),
  every: z.number().gt(0).describe('epochs between two drops'),
  factor: z.number().gt(0).default(0.5).describe('what each drop multiplies by'),
});

/** Drops by a factor after every so many epochs; the paper halves each 50. */
@injectable()
export class StepDecay implements Schedule {
  constructor(@inject(StageConfig) private readonly config: z.output<typeof StepConfig>) {}

  at({ epoch }: Position): number {
    const { initial, every, factor } = this.config;
    return initial * factor ** Math.floor(epoch / every);
  }
}

export const CosineConfig = z.strictObject({
  initial: z.number().min(0).describe('the rate of the first step'),
  final: z.number().min(0).default(0).describe('the rate at the end of the last epoch'),
});

/** Half a cosine from `initial` down to `final` over the run (Loshchilov and Hutter 2017, "SGDR", without restarts). */
@injectable()
export class Cosine implements Schedule {
  constructor(@inject(StageConfig) private readonly config: z.output<typeof CosineConfig>) {}

  at({ epoch, epochs }: Position): number {
    const { initial, final } = this.config;
    return final + ((initial - final) * (1 + Math.cos((Math.PI * epoch) / epochs))) / 2;
  }
}
