import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { tf } from '../../engine/index.js';
import { passesOf } from '../../pipeline/index.js';
import { blockStarts } from '../../stages/index.js';
import type { Batch, Labels } from '../../stages/index.js';
import { type Bench, type Built, firstBatch } from '../bench.js';
import { allFinite, same } from '../comparisons.js';
import { type Saved, saved } from '../saved.js';
import type { Check } from '../suite.js';
import { take } from '../take.js';
import { learnedLabelChecks } from './learned-labels.js';

/** How many brightnesses from -2 to 2 the samples are labelled at. */
const brightnesses = 61;

/** What the contract of a source of auxiliary labels asks beyond its configuration and whole runs. */
export const auxiliaryChecks = (bench: Bench): Check[] => [
  {
    name: 'asks for a head that fits its hierarchy',
    run: () =>
      bench.with(({ labels: { head }, dataset: { levels, primary } }) => {
        if (!head) return;
        assert.ok(Number.isInteger(head.outputs) && head.outputs > 0, `outputs: ${head.outputs}`);
        if (!head.psi) return;
        assert.equal(head.psi.length, levels[primary]!.classes.length, 'blocks of psi');
        assert.equal(
          head.psi.reduce((sum, size) => sum + size, 0),
          head.outputs,
          'the sum of psi',
        );
      }),
  },
  {
    name: 'tells its progress while it prepares, from 0 to 1',
    run: () =>
      bench.with(async (built) => {
        const fractions = await prepared(built);
        const inOrder = [...fractions].sort((a, b) => a - b);
        same(fractions, inOrder, 'the share done');
        assert.ok(
          fractions.every((fraction) => fraction >= 0 && fraction <= 1),
          String(fractions),
        );
      }),
  },
  {
    name: 'labels every sample, inside the block of its class',
    run: () =>
      bench.with(async (built) => {
        await prepared(built);
        labelled(built, (labels) => wellFormed(labels, built));
        await trained(built);
        labelled(built, (labels) => wellFormed(labels, built));
      }),
  },
  {
    name: 'gives its labels to the caller, and only borrows the batch',
    run: () =>
      bench.with(async (built) => {
        await prepared(built);
        await built.labels.epochStart?.(2);
        labelled(built, () => undefined);
        const before = tf.memory().numTensors;
        await built.labels.epochStart?.(3);
        labelled(built, () => undefined);
        assert.equal(tf.memory().numTensors - before, 0, 'tensors that labels leave behind');
      }),
  },
  {
    name: 'labels the same way from the same seed',
    async run() {
      const label = () =>
        bench.with(async (built) => {
          await prepared(built);
          const first = labelsInRange(built);
          await trained(built);
          return [first, labelsInRange(built)];
        });
      same(await label(), await label(), 'the labels');
    },
  },
  {
    name: 'goes on from its snapshot',
    async run() {
      let kept: Saved | undefined;
      let generators: Built['random']['state'] = {};
      const expected = await bench.with(async (built) => {
        await prepared(built);
        labelled(built, () => undefined);
        kept = saved(built.labels);
        generators = built.random.state;
        return inThisEpochAndTheNext(built);
      });
      const found = await bench.with((built) => {
        kept?.restore(built.labels);
        built.random.state = generators;
        return inThisEpochAndTheNext(built);
      });
      const same = isDeepStrictEqual(found, expected);
      assert.ok(same, kept ? 'other labels after restore' : 'what it prepares is lost: it has no snapshot');
    },
  },
  ...learnedLabelChecks(bench),
];

/** Does a strategy's work before the first step; the shares done that it told. */
async function prepared({ labels }: Built): Promise<number[]> {
  const fractions: number[] = [];
  for await (const { fraction } of labels.prepare?.() ?? []) fractions.push(fraction);
  await labels.epochStart?.(1);
  return fractions;
}

/** Takes a few steps of every pass, as the pipeline around the strategy does, and begins the second epoch. */
async function trained(built: Built): Promise<void> {
  for (const pass of passesOf(built)) take(built, pass, 2);
  await built.labels.epochStart?.(2);
}

async function inThisEpochAndTheNext(built: Built): Promise<unknown> {
  const first = labelsInRange(built);
  await built.labels.epochStart?.(2);
  return [first, labelsInRange(built)];
}

/** Labels of the first batch at each of many brightnesses, so close that labels which go by steps of it show small differences. */
const labelsInRange = (built: Built): unknown =>
  Array.from({ length: brightnesses }, (_, n) => labelled(built, numbersOfLabels, (4 * n) / brightnesses - 2));

/** What `read` finds in the labels of the first batch, made brighter; `undefined` without an auxiliary task. */
function labelled<T>(built: Built, read: (labels: Labels) => T, brighter = 0): T | undefined {
  if (!built.labels.head) return undefined;
  using given = firstBatch(built);
  using inputs = tf.add(given.inputs, brighter);
  const batch: Batch = { ...given, inputs };
  using labels = built.labels.for(batch, built.state.theta2, built.state.theta1);
  const seen = read(labels);
  assert.ok(!batch.inputs.isDisposed && !batch.primary.isDisposed, 'the batch was disposed');
  return seen;
}

const numbersOfLabels = ({ targets, inputs, weights }: Labels) =>
  [targets, inputs, weights].map((tensor) => tensor && [...tensor.dataSync()]);

function wellFormed({ targets, inputs, weights }: Labels, { labels: { head }, dataset, ...rest }: Built): void {
  using batch = firstBatch({ dataset, ...rest } as Built);
  const { task, outputs, psi } = head!;
  const samples = inputs?.shape[0] ?? batch.size;
  same([targets.shape, targets.dtype], [[samples, outputs], 'float32'], 'targets');
  assert.ok(allFinite(targets), 'targets that are not finite');
  if (inputs) {
    same([inputs.shape.slice(1), inputs.dtype], [[...dataset.inputShape], 'float32'], 'inputs');
    assert.ok(samples >= batch.size, `${samples} inputs for a batch of ${batch.size}`);
  }
  if (weights) {
    same([weights.shape, weights.dtype], [[samples], 'float32'], 'weights');
    assert.ok(
      weights.dataSync<'float32'>().every((weight) => weight >= 0),
      'weights below 0',
    );
  }
  if (task === 'regression') return;
  const rows = tf.tidy(() => tf.unstack(targets).map((row) => [...row.dataSync()]));
  const starts = psi && blockStarts(psi);
  for (const [n, row] of rows.entries()) {
    assert.ok(
      row.every((share) => share >= 0),
      `row ${n} has shares below 0`,
    );
    assert.ok(Math.abs(total(row) - 1) < 1e-5, `row ${n} sums to ${total(row)}`);
    if (!psi || inputs) continue;
    const own = batch.primaryClasses[n]!;
    const block = row.slice(starts![own], starts![own]! + psi[own]!);
    assert.ok(Math.abs(total(block) - 1) < 1e-5, `row ${n} leaves the block of its class, ${own}`);
  }
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
