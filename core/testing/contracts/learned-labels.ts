import assert from 'node:assert/strict';
import { disposeParams, disposeVariables, mapParams, training } from '../../autodiff/index.js';
import type { Params, Variables } from '../../autodiff/index.js';
import { Generator, tf } from '../../engine/index.js';
import { isLearned } from '../../stages/index.js';
import type { Batch, LearnedLabels } from '../../stages/index.js';
import { type Bench, firstBatch } from '../bench.js';
import { close, noise, numbersOf, same, tapeGradient } from '../comparisons.js';
import { moved } from '../moved.js';
import type { Check } from '../suite.js';

const mode = training();

/** What is asked of labels that are a differentiable function of weights theta2; other strategies pass. */
export const learnedLabelChecks = (bench: Bench): Check[] => {
  const check = (name: string, work: (labels: LearnedLabels, theta2: Variables, batch: Batch) => void): Check => ({
    name: `where it learns: ${name}`,
    run: () =>
      bench.with((built) => {
        const { labels, state } = built;
        if (!isLearned(labels)) return;
        using batch = firstBatch(built);
        const fresh = state.theta2!.variables;
        work(labels, fresh, batch);
        const later = moved(fresh, Generator.for(1, 'moved'));
        try {
          work(labels, later, batch);
        } finally {
          disposeVariables(later);
        }
      }),
  });
  const at = (name: string, work: (labels: LearnedLabels, theta2: Variables, batch: Batch) => void): Check =>
    check(name, (...given) => tf.tidy(() => work(...given)));
  return [
    at('draws theta2 from the generator alone', (labels) => {
      const draw = () => {
        const { params, state } = labels.init(Generator.for(1, 'theta2'));
        return numbersOf({ ...params, ...state });
      };
      same(draw(), draw(), 'theta2');
    }),
    at('has the same labels and weights on the tape and off it', (labels, theta2, batch) => {
      const point = labels.linearize(theta2, batch, mode);
      close({ targets: point.targets }, { targets: labels.apply(theta2, batch, mode) }, 1e-4, 'the targets');
      const strays = Object.keys(point.stateUpdate).filter((name) => !(name in theta2.state));
      same(strays, [], 'running statistics that theta2 lacks');
      const weights = labels.applyWeights?.(theta2, batch, mode);
      close(point.weights ? { weights: point.weights } : {}, weights ? { weights } : {}, 1e-4, 'the weights');
    }),
    at('pulls back to theta2 as the tape does', (labels, theta2, batch) => {
      const { targets, weights } = labels.linearize(theta2, batch, mode);
      const random = Generator.for(1, 'cotangents');
      const [u, w] = [noise(targets.shape, random), weights && noise(weights.shape, random)];
      const onTape = (f: (theta2: Variables) => tf.Tensor): Params =>
        tapeGradient((params) => tf.sum(f({ ...theta2, params })), theta2.params);
      const ofTargets = onTape((moved) => tf.mul(labels.apply(moved, batch, mode), u));
      for (const release of [false, true]) {
        const pulled = labels.linearize(theta2, batch, mode).pullback(u, { release });
        close(whole(pulled, theta2), ofTargets, 2e-3, `the gradient of the targets${release ? ', released' : ''}`);
      }
      if (!w) return;
      const ofBoth = onTape((moved) =>
        tf.add(
          tf.sum(tf.mul(labels.apply(moved, batch, mode), u)),
          tf.sum(tf.mul(labels.applyWeights!(moved, batch, mode), w)),
        ),
      );
      const pulled = labels.linearize(theta2, batch, mode).pullback(u, { weights: w });
      close(whole(pulled, theta2), ofBoth, 2e-3, 'the gradient of targets and weights');
    }),
    at('knows the slope of its regulariser', ({ regulariser }, _, { size }) => {
      // Rows that are distributions, none of them at an edge.
      const outputs = 4;
      const targets = tf.softmax(noise([size, outputs], Generator.for(1, 'targets'))) as tf.Tensor2D;
      const taped = tapeGradient(({ y }) => regulariser.apply(y as tf.Tensor2D), { y: targets });
      close({ y: regulariser.cotangent(targets) }, taped, 1e-3, 'the cotangent');
    }),
    check('owns what it linearises', (labels, theta2, batch) => {
      const before = tf.memory().numTensors;
      for (const release of [false, true]) {
        using point = labels.linearize(theta2, batch, mode);
        using cotangent = tf.onesLike(point.targets);
        disposeParams(point.pullback(cotangent, { release }));
      }
      assert.equal(tf.memory().numTensors - before, 0, 'tensors left behind');
    }),
  ];
};

/** A gradient in all of theta2: what it doesn't name is 0. */
const whole = (gradient: Params, { params }: Variables): Params => ({
  ...mapParams(params, (tensor) => tf.zerosLike(tensor)),
  ...gradient,
});
