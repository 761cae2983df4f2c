import type { EpochMetrics, Evaluation, LabelUse } from '../events/index.js';
import type { Measurement } from '../stages/index.js';
import { labelUse } from './label-use.js';

/** A running mean, weighted by samples. */
class Mean {
  private sum = 0;
  private weight = 0;

  add(value: number | undefined, weight: number): void {
    if (value === undefined) return;
    this.sum += value * weight;
    this.weight += weight;
  }

  get value(): number | undefined {
    return this.weight > 0 ? this.sum / this.weight : undefined;
  }
}

const measured = [
  'primaryLoss',
  'primaryAccuracy',
  'auxiliaryLoss',
  'gradientCosine',
  'primaryLossAfter',
  'regulariser',
  'metaGradientNorm',
] as const satisfies readonly (keyof EpochMetrics)[];

/** Gathers the measurements of one epoch into its metrics. */
export class EpochMeter {
  private readonly means = new Map<string, Mean>(measured.map((name) => [name, new Mean()]));
  private learningRate = 0;
  private mass: Float32Array | undefined;
  private validation: Evaluation | undefined;

  add(measurement: Measurement, samples: number): void {
    const values: Partial<Record<string, unknown>> = { ...measurement };
    for (const [name, mean] of this.means) mean.add(values[name] as number | undefined, samples);
    if (measurement.type !== 'step:end') return;
    this.learningRate = measurement.learningRate;
    if (!measurement.labelMass) return;
    this.mass ??= new Float32Array(measurement.labelMass.length);
    for (const [i, value] of measurement.labelMass.entries()) this.mass[i]! += value;
  }

  addValidation(evaluation: Evaluation): void {
    this.validation = evaluation;
  }

  get metrics(): EpochMetrics {
    const means = Object.fromEntries(
      [...this.means].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
    ) as unknown as EpochMetrics;
    return {
      ...means,
      learningRate: this.learningRate,
      ...(this.validation
        ? { validationLoss: this.validation.primaryLoss, validationAccuracy: this.validation.primaryAccuracy }
        : {}),
    };
  }

  /** Use of the auxiliary classes in this epoch's training steps; `undefined` where there are none. */
  labelUse(psi: readonly number[] | undefined, primaryClasses: readonly string[]): LabelUse[] | undefined {
    return this.mass && psi && labelUse(this.mass, psi, primaryClasses);
  }
}
