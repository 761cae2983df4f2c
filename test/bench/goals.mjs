import { median, ratio } from './statistics.mjs';
import { peaks, times } from './turns.mjs';

/**
 * What is compared: one quantity of one of our sides with the same of a peer.
 *
 * @typedef {{ quantity: 'train' | 'meta' | 'epoch' | 'memory', ours: string, peer: string, limit?: number }} Comparison
 * @typedef {Comparison & { oursMedian: number, peerMedian: number, ratio: number, low: number, high: number, reached?: boolean }} Outcome
 */

/** @type {readonly Comparison[]} */
export const comparisons = [
  { quantity: 'train', ours: 'epoch', peer: 'published', limit: 0.65 },
  { quantity: 'train', ours: 'epoch', peer: 'tuned', limit: 0.95 },
  { quantity: 'meta', ours: 'epoch', peer: 'published', limit: 0.65 },
  { quantity: 'meta', ours: 'epoch', peer: 'published, finite differences', limit: 0.65 },
  { quantity: 'meta', ours: 'epoch', peer: 'tuned', limit: 0.9 },
  { quantity: 'epoch', ours: 'interleaved, cosine', peer: 'published, cosine', limit: 0.5 },
  { quantity: 'epoch', ours: 'streaming, cosine', peer: 'published, cosine', limit: 0.45 },
  { quantity: 'epoch', ours: 'streaming, cosine', peer: 'tuned, cosine', limit: 0.6 },
  { quantity: 'epoch', ours: 'epoch', peer: 'published' },
  { quantity: 'epoch', ours: 'epoch', peer: 'tuned' },
  { quantity: 'epoch', ours: 'epoch, cosine', peer: 'published, cosine' },
  { quantity: 'epoch', ours: 'epoch, cosine', peer: 'tuned, cosine' },
  { quantity: 'epoch', ours: 'interleaved, cosine', peer: 'published' },
  { quantity: 'epoch', ours: 'streaming, cosine', peer: 'published' },
  { quantity: 'epoch', ours: 'streaming, cosine', peer: 'tuned' },
  { quantity: 'memory', ours: 'epoch', peer: 'tuned', limit: 1 },
  { quantity: 'memory', ours: 'epoch', peer: 'published' },
  { quantity: 'memory', ours: 'interleaved, cosine', peer: 'tuned, cosine', limit: 1 },
  { quantity: 'memory', ours: 'streaming, cosine', peer: 'tuned, cosine', limit: 1 },
];

/**
 * The comparisons that both sides were measured for, and whether each goal is reached.
 *
 * @param {Readonly<Record<string, import('./turns.mjs').Taken>>} taken
 * @returns {Outcome[]}
 */
export const evaluate = (taken) =>
  comparisons.flatMap((comparison) => {
    const [ours, peer] = [comparison.ours, comparison.peer].map((side) => values(taken[side], comparison.quantity));
    if (!ours?.length || ours.length !== peer?.length) return [];
    const { value, low, high } = ratio(ours, peer);
    const reached = comparison.limit === undefined ? {} : { reached: value <= comparison.limit };
    const medians = { oursMedian: median(ours.flat()), peerMedian: median(peer.flat()) };
    return [{ ...comparison, ...medians, ratio: value, low, high, ...reached }];
  });

/**
 * @param {import('./turns.mjs').Taken | undefined} side
 * @param {Comparison['quantity']} quantity
 */
function values(side, quantity) {
  if (!side || side.failure !== undefined) return undefined;
  const byTurn = quantity === 'memory' ? peaks(side) : times(side, quantity);
  return byTurn.some((turn) => turn.length === 0) ? undefined : byTurn;
}
