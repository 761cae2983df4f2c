import { z } from 'zod';
import type { EpochMetrics, Evaluation, LabelUse } from '../events/index.js';
import type { Measurement } from '../stages/index.js';
import { labelUse, meanUse } from './label-use.js';

/** A running mean, weighted by samples. */
class Mean {
  sum = 0;
  weight = 0;

  add(value: number, weight: number): void {
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
  'primaryR2',
  'auxiliaryLoss',
  'gradientCosine',
  'primaryLossAfter',
  'regulariser',
  'metaGradientNorm',
  'metaCotangentNorm',
  'regulariserCotangentNorm',
] as const satisfies readonly (keyof EpochMetrics)[];

/** What is summed by primary class. */
const summed = ['labelMass', 'labelEntropy', 'metaCotangentNorms', 'regulariserCotangentNorms'] as const;

const isSummed = (name: string): name is (typeof summed)[number] => (summed as readonly string[]).includes(name);

const Sums = z.object({
  means: z.record(z.string(), z.object({ sum: z.number(), weight: z.number() })),
  sums: z.partialRecord(z.enum(summed), z.array(z.number())),
  learningRate: z.number(),
});

const ofValidation = ({ primaryLoss, primaryAccuracy, primaryR2 }: Evaluation): Partial<EpochMetrics> => ({
  validationLoss: primaryLoss,
  ...(primaryAccuracy !== undefined && { validationAccuracy: primaryAccuracy }),
  ...(primaryR2 !== undefined && { validationR2: primaryR2 }),
});

/** Gathers the measurements of one epoch into its metrics. */
export class EpochMeter {
  private readonly means = new Map<string, Mean>(measured.map((name) => [name, new Mean()]));
  private readonly sums = new Map<(typeof summed)[number], Float64Array>();
  private learningRate = 0;
  private validation: Evaluation | undefined;

  /**
   * @param psi the auxiliary head's blocks, where it has any
   * @param primaryClasses names of the primary classes
   */
  constructor(
    private readonly psi: readonly number[] | undefined,
    private readonly primaryClasses: readonly string[],
  ) {}

  add(measurement: Measurement, samples: number): void {
    for (const [name, value] of Object.entries(measurement)) {
      if (typeof value === 'number') this.means.get(name)?.add(value, samples);
      else if (isSummed(name)) this.sum(name, value as Float32Array | undefined);
    }
    if (measurement.type === 'step:end') this.learningRate = measurement.learningRate;
  }

  addValidation(evaluation: Evaluation): void {
    this.validation = evaluation;
  }

  get metrics(): EpochMetrics {
    const means = Object.fromEntries(
      [...this.means].flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]])),
    ) as unknown as EpochMetrics;
    const { metaCotangentNorm: meta = 0, regulariserCotangentNorm: regulariser = 0 } = means;
    return {
      ...means,
      ...(meta + regulariser > 0 && { metaShare: meta / (meta + regulariser) }),
      ...meanUse(this.labelUse ?? []),
      learningRate: this.learningRate,
      ...(this.validation && ofValidation(this.validation)),
    };
  }

  /** Use of the auxiliary classes in this epoch's training steps; `undefined` where there are none. */
  get labelUse(): LabelUse[] | undefined {
    const [labelMass, labelEntropy] = [this.sums.get('labelMass'), this.sums.get('labelEntropy')];
    if (!labelMass || !labelEntropy || !this.psi) return undefined;
    const meta = this.sums.get('metaCotangentNorms');
    const regulariser = this.sums.get('regulariserCotangentNorms');
    return labelUse({ labelMass, labelEntropy }, this.psi, this.primaryClasses).map((use, i) => {
      const [of, beside] = [meta?.[i] ?? 0, regulariser?.[i] ?? 0];
      return of + beside > 0 ? { ...use, metaShare: of / (of + beside) } : use;
    });
  }

  /** The sums so far, as data that JSON keeps exactly. */
  snapshot(): z.input<typeof Sums> {
    return {
      means: Object.fromEntries([...this.means].map(([name, { sum, weight }]) => [name, { sum, weight }])),
      sums: Object.fromEntries([...this.sums].map(([name, values]) => [name, [...values]])),
      learningRate: this.learningRate,
    };
  }

  /** Goes on from what {@link EpochMeter.snapshot} gave. */
  restore(snapshot: unknown): void {
    const { means, sums, learningRate } = Sums.parse(snapshot);
    for (const [name, { sum, weight }] of Object.entries(means))
      Object.assign(this.means.get(name) ?? {}, { sum, weight });
    for (const name of summed) {
      if (sums[name]) this.sums.set(name, Float64Array.from(sums[name]));
    }
    this.learningRate = learningRate;
  }

  private sum(name: (typeof summed)[number], values: Float32Array | undefined): void {
    if (!values) return;
    const sums = this.sums.get(name) ?? new Float64Array(values.length);
    values.forEach((value, i) => (sums[i]! += value));
    this.sums.set(name, sums);
  }
}
