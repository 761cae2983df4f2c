/** A linear map from values to a figure's units, and the round values on it that are worth a tick. */
export interface Scale {
  (value: number): number;
  readonly ticks: readonly number[];
  /** A tick's value without needless digits. */
  format(value: number): string;
}

/**
 * A scale over `values`, widened to whole ticks.
 * @param range units of the lowest and the highest value
 * @param count ticks wanted, about
 * @param limits that the widening doesn't go beyond
 */
export function scaleOf(
  values: readonly number[],
  range: readonly [number, number],
  { count = 5, limits = [-Infinity, Infinity] as readonly [number, number], percent = false } = {},
): Scale {
  const finite = values.filter(Number.isFinite);
  let [low, high] = finite.reduce(([a, b], value) => [Math.min(a, value), Math.max(b, value)], [Infinity, -Infinity]);
  if (low > high) [low, high] = [0, 1];
  if (high - low < 1e-9) [low, high] = [low - 0.05 * (Math.abs(low) || 1), high + 0.05 * (Math.abs(high) || 1)];
  const step = roundStep((high - low) / count);
  const first = Math.floor(Math.max(low, limits[0]) / step + 1e-9);
  const last = Math.ceil(Math.min(high, limits[1]) / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
  const [from, to] = [ticks[0]!, ticks.at(-1)!];
  const digits = Math.max(0, -Math.floor(Math.log10(percent ? step * 100 : step) + 1e-9));
  const scale = (value: number): number => range[0] + ((value - from) / (to - from)) * (range[1] - range[0]);
  const format = (value: number): string =>
    percent ? `${(100 * value).toFixed(digits)}%` : value.toFixed(digits).replace(/^-/, '−');
  return Object.assign(scale, { ticks, format });
}

/** The nearest 1, 2 or 5 times a power of ten that isn't below `size`. */
function roundStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return power * ([1, 2, 5, 10].find((factor) => factor * power >= size * 0.999) ?? 10);
}
