/**
 * What repeats of one measurement say: the median, the quartiles around it, and how many there were.
 *
 * @typedef {{ median: number, low: number, high: number, count: number }} Spread
 */

/**
 * The value below which a share of `values` lies, linear between neighbours.
 *
 * @param {readonly number[]} values - at least one
 * @param {number} share - 0 to 1
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const below = sorted[Math.floor(place)] ?? NaN;
  const above = sorted[Math.ceil(place)] ?? NaN;
  return below + (above - below) * (place - Math.floor(place));
}

export const median = (/** @type {readonly number[]} */ values) => quantile(values, 0.5);

/**
 * @param {readonly number[]} values
 * @returns {Spread}
 */
export const spread = (values) => ({
  median: median(values),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
  count: values.length,
});

/**
 * The ratio of two sides that were measured in turns: of their medians over all turns, and the range of the ratios of each
 * turn's own medians, which what disturbs the whole machine for a while leaves alone.
 *
 * @param {readonly (readonly number[])[]} ours - repeats by turn
 * @param {readonly (readonly number[])[]} theirs
 */
export function ratio(ours, theirs) {
  const turns = ours.map((turn, i) => median(turn) / median(theirs[i] ?? []));
  return {
    value: median(ours.flat()) / median(theirs.flat()),
    low: Math.min(...turns),
    high: Math.max(...turns),
  };
}
