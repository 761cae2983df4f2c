/**
 * What became of a format's inputs.
 *
 * @typedef {object} Row
 * @property {string} format
 * @property {number} inputs
 * @property {number} accepted
 * @property {Readonly<Record<string, number>>} refused by code, most frequent first
 * @property {number} faults
 * @property {number} worstMs of processor time, all threads together
 * @property {number} worstMegabytes most that memory grew while one input was read
 */

/**
 * @param {string} format
 * @param {readonly import('./chunk.mjs').Result[]} results
 * @returns {Row}
 */
export function summary(format, results) {
  /** @type {Map<string, number>} */
  const refused = new Map();
  for (const { refused: code } of results) if (code !== undefined) refused.set(code, (refused.get(code) ?? 0) + 1);
  const faults = results.filter(({ fault }) => fault !== undefined).length;
  const refusals = [...refused.values()].reduce((sum, count) => sum + count, 0);
  return {
    format,
    inputs: results.length,
    accepted: results.length - faults - refusals,
    refused: Object.fromEntries([...refused].sort(([, a], [, b]) => b - a)),
    faults,
    worstMs: results.reduce((worst, { ms }) => Math.max(worst, ms), 0),
    worstMegabytes: results.reduce((worst, { grownBytes }) => Math.max(worst, grownBytes), 0) / 2 ** 20,
  };
}

/** @param {readonly Row[]} rows */
export function table(rows) {
  const cells = [
    ['format', 'inputs', 'accepted', 'refused', 'faults', 'worst CPU ms', 'worst MB', 'refused as'],
    ['---', '---:', '---:', '---:', '---:', '---:', '---:', '---'],
    ...rows.map((row) => [
      row.format,
      row.inputs,
      row.accepted,
      row.inputs - row.accepted - row.faults,
      row.faults,
      Math.round(row.worstMs),
      Math.round(row.worstMegabytes),
      Object.entries(row.refused)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
    ]),
  ];
  return cells.map((row) => `| ${row.join(' | ')} |`).join('\n');
}
