import { fileURLToPath } from 'node:url';
import { evaluate } from './goals.mjs';
import { engineThreads, ours, theirs } from './sides.mjs';
import { median, spread } from './statistics.mjs';
import { failures, goalsTable, milliseconds, sidesTable, table } from './tables.mjs';
import { inTurns, measure } from './turns.mjs';

/** @typedef {{ python: string | undefined, quick: boolean, progress: (text: string) => void }} Context */
/** @typedef {{ text: string, data: unknown }} Result - Markdown, and all that was measured */
/** @typedef {{ name: string, run: (context: Context) => Promise<Result> }} Section */

const psi = (/** @type {number} */ size) => Array.from({ length: 10 }, () => size);

/** Steps in a pass, those before measuring starts, and turns: 12 repeats of everything, or 2 for a first look. */
const repeats = (/** @type {boolean} */ quick) =>
  quick ? { steps: 3, warmup: 1, turns: 1 } : { steps: 6, warmup: 2, turns: 3 };

/**
 * Every way to train on one batch size, ours and the peers', in turns.
 *
 * @param {number} batch
 * @returns {Section}
 */
const beside = (batch) => ({
  name: `batch ${batch}`,
  async run({ python, quick, progress }) {
    const { turns, ...steps } = repeats(quick);
    const workload = { batch, psi: psi(5), width: 1, ...steps };
    const peers = python && {
      published: theirs(python, workload, 'published'),
      'published, finite differences': theirs(python, workload, 'published', { method: 'finite-difference' }),
      tuned: theirs(python, workload, 'tuned'),
      'published, cosine': theirs(python, workload, 'published', { cosine: true }),
      'tuned, cosine': theirs(python, workload, 'tuned', { cosine: true }),
    };
    const sides = {
      epoch: ours(workload),
      'epoch, cosine': ours(workload, { cosine: true }),
      'interleaved, cosine': ours(workload, { metaStep: { schedule: 'interleaved' }, cosine: true }),
      'streaming, cosine': ours(workload, { metaStep: { schedule: 'streaming' }, cosine: true }),
      ...peers,
    };
    const taken = await inTurns(sides, turns, (side, turn) => progress(`${side}, turn ${turn + 1} of ${turns}`));
    const outcomes = evaluate(taken);
    const text = [sidesTable(taken), ...failures(taken), goalsTable(outcomes)].join('\n\n');
    return { text, data: { workload, taken, outcomes } };
  },
});

/**
 * How a step grows with one property of the workload.
 *
 * @param {string} property
 * @param {readonly number[]} values
 * @param {(value: number) => Parameters<typeof ours>} sideOf
 * @returns {Section}
 */
const scaling = (property, values, sideOf) => ({
  name: `scaling ${property}`,
  async run({ quick, progress }) {
    const { turns } = repeats(quick);
    const sides = Object.fromEntries(values.map((value) => [`${property} ${value}`, ours(...sideOf(value))]));
    const taken = await inTurns(sides, turns, (side, turn) => progress(`${side}, turn ${turn + 1} of ${turns}`));
    return { text: [sidesTable(taken), ...failures(taken)].join('\n\n'), data: taken };
  },
});

const common = { batch: 32, psi: psi(5), width: 1, steps: 5, warmup: 1 };

const oneTask = { loss: { use: 'focal' }, optimizer: { use: 'sgd', learningRate: 0.01 } };
const noise = (/** @type {number[]} */ shape, /** @type {number} */ batch, /** @type {number} */ steps) => ({
  ...{ use: 'noise', shape, classes: 10, batch, samples: batch * steps },
});

/**
 * The framework's own share of a step.
 *
 * @param {string} name
 * @param {number} limit - goal, as a share of the hand-written loop's step
 * @param {(quick: boolean) => { spec: object, warmup: number }} requestOf
 * @returns {Section}
 */
const framework = (name, limit, requestOf) => ({
  name: `framework ${name}`,
  async run({ quick }) {
    const { runMs, loopMs } = /** @type {any} */ (
      await measure({
        command: process.execPath,
        args: [fileURLToPath(new URL('ours/framework.mjs', import.meta.url))],
        env: engineThreads,
        request: requestOf(quick),
      })
    );
    const extra = runMs.map((/** @type {number} */ ms, /** @type {number} */ i) => ms - loopMs[i]);
    const share = median(extra) / median(loopMs);
    const text = table(
      ['step', 'run, ms', 'hand-written loop, ms', 'difference, ms', 'share', 'goal', 'reached', 'n'],
      [
        [
          name,
          ...[runMs, loopMs, extra].map((values) => milliseconds(spread(values))),
          `${(share * 100).toFixed(2)} %`,
          `<= ${limit * 100} %`,
          share <= limit ? 'yes' : 'no',
          String(runMs.length),
        ],
      ],
    );
    return { text, data: { runMs, loopMs, share, limit } };
  },
});

/** @type {readonly Section[]} */
export const sections = [
  beside(32),
  beside(100),
  framework('vgg16', 0.01, (quick) => ({
    spec: { ...oneTask, dataset: noise([32, 32, 3], 32, quick ? 6 : 60), model: { use: 'vgg16' } },
    warmup: quick ? 2 : 10,
  })),
  framework('mlp', 0.05, (quick) => ({
    spec: { ...oneTask, dataset: noise([784], 32, quick ? 100 : 1000), model: { use: 'mlp', hidden: [512, 512] } },
    warmup: quick ? 20 : 200,
  })),
  scaling('batch', [8, 16, 32, 64, 128], (batch) => [{ ...common, batch }]),
  scaling('width', [0.25, 0.5, 0.75, 1], (width) => [{ ...common, width }]),
  scaling('psi', [1, 2, 5, 10, 20], (size) => [{ ...common, psi: psi(size) }]),
  scaling('K', [1, 2, 3, 4], (steps) => [common, { metaStep: { method: 'unrolled', steps } }]),
];
