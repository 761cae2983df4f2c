import { expect } from '@jest/globals';
import { disposable, disposeParams, dotParams, normParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { StageSpec } from '../../core/config/index.js';
import { tf } from '../../core/engine/index.js';
import { compose, passesOf } from '../../core/pipeline/index.js';
import type { Composition } from '../../core/pipeline/index.js';
import { isLearned } from '../../core/stages/index.js';
import type { Batch, Combiner, LearnedLabels, TaskParams } from '../../core/stages/index.js';
import { heads, Walk } from '../../core/training/index.js';
import { toyPipeline } from '../pipeline/toy.js';
import { smooth } from './smooth.js';

/** Norm of the difference over the norm of the second. */
export const distance = (ours: Params, theirs: Params): number => {
  const squared = normParams(ours) ** 2 - 2 * dotParams(ours, theirs) + normParams(theirs) ** 2;
  return Math.sqrt(Math.max(0, squared)) / normParams(theirs);
};

const auxiliaryWeight = 0.7;
export const rate = 0.1;

/**
 * The gradient of the whole meta-objective in theta2, by one tape through labels, theta1's steps and regulariser. Without
 * look-ahead the objective is the primary loss's linear part at theta1.
 */
function oracle(
  { labels, ...composition }: Composition,
  inner: readonly Batch[],
  meta: Batch,
  { lookAhead, learningRate, combine }: Required<Pick<Situation, 'lookAhead' | 'learningRate'>> & Situation,
): Params {
  const strategy = labels as LearnedLabels;
  const { network, objective, optimizer, state } = composition;
  const { theta1, theta2 } = state;
  const names = Object.keys(theta1.variables.params);
  const labelNames = Object.keys(theta2!.variables.params);
  const named = (keys: string[], values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(keys.map((key, i) => [key, values[i]!]));

  const primary = (params: Params): tf.Scalar => {
    const variables = { ...theta1.variables, params };
    return objective.applyPrimary(network.apply(variables, meta.inputs, theta1.mode, [heads.primary]), meta.primary);
  };
  const reached = names.filter((name) => !name.startsWith(heads.auxiliary));
  const slope = tf.tidy(() =>
    tf.grads((...values: tf.Tensor[]) => primary({ ...theta1.variables.params, ...named(reached, values) }))(
      reached.map((name) => theta1.variables.params[name]!),
    ),
  );
  const objectiveOf = (...weights: tf.Tensor[]): tf.Scalar => {
    const variables = { ...theta2!.variables, params: named(labelNames, weights) };
    const made = inner.map((batch) => {
      const weights = strategy.applyWeights?.(variables, batch, theta2!.mode);
      return { targets: strategy.apply(variables, batch, theta2!.mode), ...(weights && { weights }) };
    });
    let { params } = theta1.variables;
    let memory = theta1.optimizer;
    for (const [i, batch] of inner.entries()) {
      const lossesAt = (values: readonly tf.Tensor[]) => {
        const outputs = network.apply({ ...theta1.variables, params: named(names, values) }, batch.inputs, theta1.mode);
        return objective.apply(outputs, batch.primary, made[i]!);
      };
      const gradientOf = (loss: (losses: ReturnType<typeof lossesAt>) => tf.Tensor): Params => {
        // A task reaches its own head alone; the others' gradients are zeros.
        const reaching = (...values: tf.Tensor[]): tf.Scalar => {
          const nothing = tf.mul(tf.addN(values.map((value) => tf.sum(value))), 0);
          return tf.add(loss(lossesAt(values)), nothing);
        };
        return named(names, tf.grads(reaching)(names.map((name) => params[name]!)));
      };
      const gradients = combine
        ? combine(
            {
              primary: gradientOf((losses) => losses.primary),
              auxiliary: gradientOf((losses) => losses.auxiliary),
            },
            composition.combiner,
          )
        : gradientOf(({ primary, auxiliary }) => tf.add(primary, tf.mul(auxiliary, auxiliaryWeight)));
      ({ params, state: memory } = optimizer.update(params, gradients, memory, learningRate));
    }
    const objectiveAfter = lookAhead
      ? primary(params)
      : tf.addN(reached.map((name, i) => tf.sum(tf.mul(params[name]!, slope[i]!))));
    const { regulariser } = strategy;
    const terms = made.map(({ targets: labels }) =>
      tf.mul(regulariser.apply(labels), regulariser.weight / inner.length),
    );
    return tf.addN([tf.mul(objectiveAfter, regulariser.metaScale ?? 1), ...terms]) as tf.Scalar;
  };
  const gradients = tf.tidy(() => tf.grads(objectiveOf)(Object.values(theta2!.variables.params)));
  tf.dispose(slope);
  return named(labelNames, gradients);
}

export interface Situation {
  readonly trained: number;
  readonly steps?: number;
  readonly metaBatch?: string;
  readonly lookAhead?: boolean;
  readonly learningRate?: number;
  /** The primary task is a regression. */
  readonly regression?: boolean;
  /** The combiner in tfjs operations, where it isn't a sum. */
  readonly combine?: (gradients: TaskParams, combiner: Combiner) => Params;
}

/** A pipeline after some training steps, at the meta-step that follows; it may name the model `smooth`. */
export async function compare(
  changes: Record<string, StageSpec>,
  {
    trained,
    steps = 1,
    metaBatch = 'inner',
    lookAhead = true,
    learningRate = rate,
    regression = false,
    ...more
  }: Situation,
  check: (gradient: (method: string) => Params, expected: Params) => void,
): Promise<void> {
  const before = tf.memory().numTensors;
  {
    using composition = await compose(
      await toyPipeline(
        {
          combiner: { use: 'sum', auxiliaryWeight },
          metaStep: {
            use: 'meta-gradient',
            method: steps > 1 ? 'unrolled' : 'exact',
            steps,
            metaBatch,
            optimizer: { use: 'adam', learningRate: 0.01 },
          },
          ...changes,
        },
        { samples: 40, batch: 7, heldOut: 9, regression, plugins: [smooth] },
      ),
    );
    const { dataset, random, state, metaStep } = composition;
    expect(isLearned(composition.labels)).toBe(true);
    const walk = new Walk(dataset, random, 'meta', 1);
    const [train] = passesOf(composition);
    const position = { epoch: 0, epochs: 1, pass: 'meta', step: 1 };
    using drawn = walk.at(0);
    for (let step = 1; step <= trained; step++) train!.step(state, drawn.batch, position, drawn.draw);

    const inner = Array.from({ length: steps }, (_, i) => (i === 0 ? drawn.batch : drawn.draw.ahead(i)));
    const meta = { inner: inner.at(-1)!, next: drawn.draw.ahead(steps), 'held-out': drawn.draw.heldOut() }[metaBatch]!;
    using expected = disposable(oracle(composition, inner, meta, { trained, lookAhead, learningRate, ...more }));
    const made: Params[] = [];
    const gradient = (method: string): Params => {
      const params = metaStep.methods![method]!(state, drawn.batch, position, drawn.draw);
      made.push(params);
      return params;
    };
    expect(normParams(expected.params)).toBeGreaterThan(1e-8);
    check(gradient, expected.params);
    disposeParams(...made);
  }
  expect(tf.memory().numTensors).toBe(before);
}
