/** Settings of a rule by their names in a pipeline; absent ones are 0. */
export interface ReferenceRule {
  readonly rule: 'sgd' | 'adam' | 'adamw';
  readonly momentum?: number;
  readonly dampening?: number;
  readonly nesterov?: boolean;
  readonly weightDecay?: number;
  readonly epsilon?: number;
  readonly clipNorm?: number;
}

/** Weights and state of all parameters as one vector each; `first` holds a momentum buffer or first moments. */
export interface ReferencePoint {
  readonly theta: readonly number[];
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly count: number;
}

export const startingAt = (theta: readonly number[]): ReferencePoint => {
  const zeros = theta.map(() => 0);
  return { theta, first: zeros, second: zeros, count: 0 };
};

/** One update in double precision, number by number from the published definitions. */
export function referenceUpdate(
  { rule, momentum = 0, dampening = 0, nesterov = false, weightDecay = 0, epsilon = 1e-8, clipNorm }: ReferenceRule,
  { theta, first, second, count }: ReferencePoint,
  gradient: readonly number[],
  rate: number,
): ReferencePoint {
  const scale = clipNorm === undefined ? 1 : Math.min(1, clipNorm / Math.hypot(...gradient));
  const t = count + 1;
  const moved = theta.map((w, i) => {
    const g = gradient[i]! * scale + (rule === 'adamw' ? 0 : weightDecay * w);
    if (rule === 'sgd') {
      const b = momentum === 0 || count === 0 ? g : momentum * first[i]! + (1 - dampening) * g;
      return { w: w - rate * (nesterov ? g + momentum * b : b), first: b, second: 0 };
    }
    const m = 0.9 * first[i]! + 0.1 * g;
    const v = 0.999 * second[i]! + 0.001 * g * g;
    const shrunk = rule === 'adamw' ? w * (1 - rate * weightDecay) : w;
    const step = m / (1 - 0.9 ** t) / (Math.sqrt(v / (1 - 0.999 ** t)) + epsilon);
    return { w: shrunk - rate * step, first: m, second: v };
  });
  return {
    theta: moved.map(({ w }) => w),
    first: moved.map((one) => one.first),
    second: moved.map((one) => one.second),
    count: t,
  };
}
