import { spread } from './statistics.mjs';
import { peaks, times } from './turns.mjs';

/**
 * A Markdown table with aligned columns.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} rows
 */
export function table(head, rows) {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => (row[i] ?? '').length)));
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** @param {import('./statistics.mjs').Spread} spread */
export const milliseconds = ({ median, low, high }) => {
  const digits = median < 20 ? 2 : 0;
  return `${median.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
};

const megabytes = (/** @type {number} */ bytes) => (bytes / 1e6).toFixed(0);

/**
 * Medians with their quartiles: milliseconds a batch, and megabytes.
 *
 * @param {Readonly<Record<string, import('./turns.mjs').Taken>>} taken
 */
export const sidesTable = (taken) =>
  table(
    ['side', 'train step, ms', 'meta-step, ms', 'epoch per batch, ms', 'peak, MB', 'base, MB', 'n'],
    Object.entries(taken).map(([name, side]) => {
      if (side.failure !== undefined) return [name, 'failed', '', '', '', '', '0'];
      const columns = ['train', 'meta', 'epoch'].map((pass) => times(side, pass).flat());
      const bases = side.turns.flatMap(({ baseBytes }) => baseBytes ?? []);
      const most = peaks(side).flat();
      return [
        name,
        ...columns.map((values) => (values.length > 0 ? milliseconds(spread(values)) : '')),
        most.length > 0 ? megabytes(spread(most).median) : '',
        bases.length > 0 ? megabytes(spread(bases).median) : '',
        String(columns.at(-1)?.length),
      ];
    }),
  );

/** Why sides are missing, a line for each. */
export const failures = (/** @type {Readonly<Record<string, import('./turns.mjs').Taken>>} */ taken) =>
  Object.entries(taken).flatMap(([name, { failure }]) => (failure === undefined ? [] : [`${name}: ${failure}`]));

/** @param {readonly import('./goals.mjs').Outcome[]} outcomes */
export const goalsTable = (outcomes) =>
  table(
    ['quantity', 'ours', 'peer', 'ratio (range of turns)', 'goal', 'reached'],
    outcomes.map(({ quantity, ours, peer, ratio, low, high, limit, reached }) => [
      quantity,
      ours,
      peer,
      `${ratio.toFixed(3)} (${low.toFixed(3)}-${high.toFixed(3)})`,
      limit === undefined ? '' : `<= ${limit}`,
      reached === undefined ? '' : reached ? 'yes' : 'no',
    ]),
  );
