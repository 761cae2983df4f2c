import assert from 'node:assert/strict';
import { dotParams } from '../../autodiff/index.js';
import { Generator, tf } from '../../engine/index.js';
import type { Loss } from '../../stages/index.js';
import type { Bench } from '../bench.js';
import { allFinite, close, near, noise, numbersOf, same, slope, tapeGradient } from '../comparisons.js';
import type { Check } from '../suite.js';

const [batch, classes] = [5, 4];

/** What the contract of a loss asks beyond its configuration and whole runs, on logits or predictions `[5, 4]`. */
export const lossChecks = (bench: Bench): Check[] => {
  const at = (name: string, work: (loss: Loss, point: Point) => void): Check => ({
    name,
    run: () => bench.with(({ loss }) => tf.tidy(() => work(loss, samplePoint(loss)))),
  });
  return [
    at('has the same value on the tape and off it', (loss, { output, cases }) => {
      for (const [targets, weights] of cases) {
        const taped = loss.apply(output, targets, weights);
        same([taped.shape, taped.dtype], [[], 'float32'], 'what apply returns');
        near(loss.at(output, targets, weights).value, numberIn(taped), 1e-5, 1e-6, 'the value');
      }
    }),
    at('says the same of the same, whatever it was asked before', (loss, { output, cases }) => {
      const ask = () =>
        cases.map(([targets, weights]) => {
          const { value, cotangent } = loss.at(output, targets, weights);
          return [value, numberIn(loss.apply(output, targets, weights)), numbersOf({ cotangent })];
        });
      same(ask(), ask(), 'the values and gradients');
    }),
    at('is the mean over the batch, each sample by its weight', (loss, { output, hard, weights }) => {
      const each = Array.from({ length: batch }, (_, n) => loss.at(output.slice([n], [1]), hard.slice([n], [1])).value);
      const mean = (factors: ArrayLike<number>) => each.reduce((sum, value, n) => sum + value * factors[n]!, 0) / batch;
      near(loss.at(output, hard).value, mean(Array(batch).fill(1)), 1e-4, 1e-6, 'without weights');
      near(loss.at(output, hard, weights).value, mean(weights.dataSync()), 1e-4, 1e-6, 'with weights');
    }),
    at('takes classes as it takes their one-hot rows', (loss, { output, hard, oneHot }) => {
      if (loss.task === 'regression') return;
      near(loss.at(output, hard).value, loss.at(output, oneHot).value, 1e-5, 1e-6, 'the value');
      const [ours, theirs] = [loss.at(output, hard).cotangent, loss.at(output, oneHot).cotangent];
      close({ cotangent: ours }, { cotangent: theirs }, 1e-5, 'the gradient');
    }),
    at('has the gradient that the tape finds, and that differences find', (loss, { output, cases, direction }) => {
      for (const [targets, weights] of cases) {
        const { cotangent } = loss.at(output, targets, weights);
        const taped = tapeGradient(({ z }) => loss.apply(z!, targets, weights), { z: output });
        close({ z: cotangent }, taped, 1e-3, 'the gradient, to that on the tape');
        const found = slope(({ z }) => loss.at(z!, targets, weights).value, { z: output }, { z: direction }, 1e-2);
        near(dotParams({ z: cotangent }, { z: direction }), found, 2e-2, 1e-3, 'the gradient, to differences');
      }
    }),
    at('has the mixed derivative in the targets that the tape finds', (loss, { output, soft, weights, direction }) => {
      for (const given of [undefined, weights]) {
        const mixed = loss.at(output, soft, given).mixed(direction);
        // The change of the targets' own gradient along the tangent; it holds for any loss, linear in them or not.
        const h = 1e-2;
        const inTargets = (z: tf.Tensor) => tapeGradient(({ y }) => loss.apply(z, y!, given), { y: soft })['y']!;
        const ahead = inTargets(tf.add(output, tf.mul(direction, h)));
        const behind = inTargets(tf.sub(output, tf.mul(direction, h)));
        close({ mixed }, { mixed: tf.div(tf.sub(ahead, behind), 2 * h) }, 1e-2, 'mixed(tangent)');
      }
    }),
    at('stays finite at logits of 100', (loss, { hard, soft }) => {
      const extreme = tf.tensor2d(
        Float32Array.from({ length: batch * classes }, (_, i) => (i % 3) * 100 - 100),
        [batch, classes],
      );
      for (const targets of [hard, soft]) {
        const { value, cotangent } = loss.at(extreme, targets);
        assert.ok(Number.isFinite(value) && allFinite(cotangent), 'value or gradient');
        assert.ok(Number.isFinite(numberIn(loss.apply(extreme, targets))), 'value on the tape');
      }
    }),
    {
      name: 'owns what it makes, and only borrows what it is given',
      run: () =>
        bench.with(({ loss }) => {
          const { cases, direction, ...given } = samplePoint(loss);
          const { output } = given;
          const all = { ...given, direction };
          const before = { numbers: numbersOf(all), tensors: tf.memory().numTensors };
          for (const [targets, weights] of cases) {
            const point = loss.at(output, targets, weights);
            tf.dispose([point.mixed(direction), loss.apply(output, targets, weights)]);
            point[Symbol.dispose]();
          }
          assert.equal(tf.memory().numTensors - before.tensors, 0, 'tensors that a point leaves behind');
          same(numbersOf(all), before.numbers, 'the tensors that were lent');
          tf.dispose(all);
        }),
    },
  ];
};

interface Point {
  readonly output: tf.Tensor;
  /** int32 `[5]`, and the same as float32 `[5, 4]`; for a regression all targets are numbers, float32 `[5, 4]`. */
  readonly hard: tf.Tensor;
  readonly oneHot: tf.Tensor;
  readonly soft: tf.Tensor;
  readonly weights: tf.Tensor;
  readonly direction: tf.Tensor;
  /** Targets of both kinds, without weights and with them. */
  readonly cases: readonly (readonly [targets: tf.Tensor, weights?: tf.Tensor])[];
}

function samplePoint({ task }: Loss): Point {
  const random = Generator.for(1, 'loss');
  const classed = task !== 'regression';
  const hard = !classed ? noise([batch, classes], random) : tf.tensor1d([3, 0, 1, 1, 2], 'int32');
  const soft = tf.tidy(() => (classed ? tf.softmax : tf.clone)(noise([batch, classes], random)));
  const weights = tf.tensor1d([1, 0.5, 0, 2, 0.25]);
  return {
    output: tf.tidy(() => tf.mul(2, noise([batch, classes], random))),
    hard,
    oneHot: tf.tidy(() => (classed ? tf.oneHot(hard, classes, 1, 0, 'float32') : tf.clone(hard))),
    soft,
    weights,
    direction: noise([batch, classes], random),
    cases: [[hard], [soft], [hard, weights], [soft, weights]],
  };
}

const numberIn = (scalar: tf.Tensor): number => scalar.dataSync<'float32'>()[0]!;
