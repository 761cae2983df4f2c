import type { Batch, Draw, GradientMethod, Step, StepPosition } from '../../core/stages/index.js';
import type { TrainState } from '../../core/training/index.js';
import { moveLabels, theta2Gradient } from './label-step.js';
import type { Labelled } from './label-step.js';
import type { LabelGradient, MetaGradient } from './method.js';
import { batchesOf, labelsOf, rulesAt } from './work.js';
import type { MetaWork } from './work.js';

/** A step of theta2 alone (paper, algorithm 1): theta1 looks ahead, and stays as it is. */
export const metaStep =
  (method: MetaGradient, work: MetaWork): Step =>
  (state, batch, position, draw) =>
    ask(method, work, state, batch, position, draw, (inner, answer) => [
      moveLabels(state.theta2!, inner, answer, work, position),
    ]);

/** The gradient that such a step would move theta2 by. */
export const gradientOf =
  (method: MetaGradient, work: MetaWork): GradientMethod =>
  (state, batch, position, draw) =>
    ask(
      method,
      work,
      state,
      batch,
      position,
      draw,
      (inner, { cotangents }) => theta2Gradient(inner, cotangents, work.strategy.regulariser).params,
    );

/** Puts the question of a meta-step to a method; labels and answer live as long as `use`. */
function ask<T>(
  method: MetaGradient,
  work: MetaWork,
  { theta1, theta2 }: TrainState,
  batch: Batch,
  position: StepPosition,
  draw: Draw,
  use: (inner: readonly Labelled[], answer: LabelGradient) => T,
): T {
  const { inner, meta } = batchesOf(work, batch, draw);
  using labels = labelsOf(work.strategy, theta2!, inner);
  const steps = inner.map((own, i) => ({ batch: own, labels: labels.points[i]! }));
  using answer = method({ theta1, inner: steps, meta }, rulesAt(work, position));
  return use(steps, answer);
}
