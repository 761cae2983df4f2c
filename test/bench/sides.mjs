import { fileURLToPath } from 'node:url';

/** Threads of every process that is measured. */
export const threads = 2;

/** @typedef {import('./turns.mjs').Side} Side */
/** @typedef {{ batch: number, psi: number[], width: number, steps: number, warmup: number }} Workload */

const path = (/** @type {string} */ file) => fileURLToPath(new URL(file, import.meta.url));

/** The engine's thread pools are sized by these variables alone. */
export const engineThreads = { TF_NUM_INTRAOP_THREADS: String(threads), TF_NUM_INTEROP_THREADS: String(threads) };

/**
 * A MAXL pipeline of ours.
 *
 * @param {Workload} workload
 * @param {{ metaStep?: Record<string, unknown>, cosine?: boolean }} [changes] - `metaStep` overrides single keys
 * @returns {Side}
 */
export const ours = (workload, { metaStep = {}, cosine = false } = {}) => ({
  command: process.execPath,
  args: [path('ours/measure.mjs')],
  env: engineThreads,
  request: { ...workload, metaStep, cosine },
});

/**
 * A peer in PyTorch.
 *
 * @param {string} python
 * @param {Workload} workload
 * @param {'published' | 'tuned'} peer
 * @param {{ method?: string, cosine?: boolean }} [changes]
 * @returns {Side}
 */
export const theirs = (python, workload, peer, { method = 'exact', cosine = false } = {}) => ({
  command: python,
  args: ['-B', path('peer/measure.py')],
  env: { OMP_NUM_THREADS: String(threads) },
  request: { ...workload, peer, method, cosine, threads },
});
