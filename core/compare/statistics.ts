/** A mean over seeds with its spread; `deviation` and `interval` need two values. */
export interface Estimate {
  readonly n: number;
  /** NaN where n is 0. */
  readonly mean: number;
  /** Sample standard deviation, divisor n - 1. */
  readonly deviation?: number;
  /** Half the width of the mean's 95% t interval. */
  readonly interval?: number;
}

/** Values by seed. */
export type BySeed = ReadonlyMap<number, number>;

/** Mean, standard deviation and 95% t interval of some values. */
export function estimate(values: readonly number[]): Estimate {
  const n = values.length;
  const mean = sum(values) / n;
  if (n < 2) return { n, mean };
  const deviation = Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / (n - 1));
  return { n, mean, deviation, interval: (tQuantile(n - 1) * deviation) / Math.sqrt(n) };
}

/** The differences `ours - theirs` over the seeds that both have. */
export const pairedDifference = (ours: BySeed, theirs: BySeed): Estimate =>
  estimate([...ours].flatMap(([seed, value]) => (theirs.has(seed) ? value - theirs.get(seed)! : [])));

/** Whether the 95% interval leaves zero out; never so without an interval, nor where the values don't differ at all. */
export const isClear = ({ mean, interval }: Estimate): boolean =>
  interval !== undefined && interval > 0 && Math.abs(mean) > interval;

/**
 * The t that |T| stays below with probability `confidence`, T after Student with `freedom` degrees of freedom (an integer
 * from 1). Bisects the exact probability, in the angle whose tangent is t / sqrt(freedom).
 */
export function tQuantile(freedom: number, confidence = 0.95): number {
  let [low, high] = [0, Math.PI / 2];
  for (let halvings = 0; halvings < 60; halvings++) {
    const angle = (low + high) / 2;
    if (probabilityWithin(angle, freedom) < confidence) low = angle;
    else high = angle;
  }
  return Math.sqrt(freedom) * Math.tan((low + high) / 2);
}

/** P(|T| <= sqrt(freedom) tan(angle)), a finite sum (Abramowitz and Stegun, equations 26.7.3 and 26.7.4). */
function probabilityWithin(angle: number, freedom: number): number {
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const odd = freedom % 2 === 1;
  let term = odd ? cosine : 1;
  let series = 0;
  for (let k = odd ? 3 : 2; k <= freedom; k += 2) {
    series += term;
    term *= (cosine ** 2 * (k - 1)) / k;
  }
  return odd ? (2 / Math.PI) * (angle + sine * series) : sine * series;
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
