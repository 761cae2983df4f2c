import { disposeParams } from '../../core/autodiff/index.js';
import type { Mode, Network, Params } from '../../core/autodiff/index.js';
import type { tf } from '../../core/engine/index.js';
import type { Batch, Combiner, LabelLinearisation, Optimizer } from '../../core/stages/index.js';
import type { Learner, Objective } from '../../core/training/index.js';

/** What theta1's steps are made of. */
export interface InnerRules {
  readonly network: Network;
  readonly objective: Objective;
  readonly combiner: Combiner;
  readonly optimizer: Optimizer;
  /** theta1's current rate, which is the look-ahead's too. */
  readonly learningRate: number;
}

/** One step that theta1 would take: a batch, and theta2's labels for it. */
export interface InnerStep {
  readonly batch: Batch;
  readonly labels: Pick<LabelLinearisation, 'targets' | 'weights'>;
}

/** The question: how do the labels of theta1's next steps change its primary loss after them? Everything is borrowed. */
export interface MetaProblem {
  readonly theta1: Learner;
  /** theta1's steps, in order; several for `unrolled` alone. */
  readonly inner: readonly InnerStep[];
  /** What the primary loss is measured on afterwards. */
  readonly meta: Batch;
}

/** Gradient in the labels of one inner step: float32 `[batch, outputs]` in the targets, `[batch]` in learned weights. */
export type LabelCotangent = { readonly targets: tf.Tensor; readonly weights?: tf.Tensor };

/** The answer; owns its tensors. */
export interface LabelGradient extends Disposable {
  /** One for each inner step. */
  readonly cotangents: readonly LabelCotangent[];
  /** Primary loss of the first inner batch at theta1. */
  readonly primaryLossBefore: number;
  /** Primary loss of the meta batch where the inner steps lead. */
  readonly primaryLossAfter: number;
}

/**
 * A method: the gradient in the labels of the primary loss after theta1's next steps. Leaves theta1 as it is.
 *
 * All of them end alike: a direction in theta1 (how the primary loss changes with theta1's gradient), then the mixed
 * derivative of the auxiliary loss along it. Pulling that back through the label network is the caller's part.
 */
export type MetaGradient = (problem: MetaProblem, rules: InnerRules) => LabelGradient;

/** How the network is evaluated some steps later: each step has masks of its own, as in training itself. */
export const afterSteps = (mode: Mode, steps: number): Mode => ({ ...mode, seed: mode.seed + steps });

/** Takes ownership of `cotangents`. */
export const labelGradient = (
  cotangents: readonly LabelCotangent[],
  primaryLossBefore: number,
  primaryLossAfter: number,
): LabelGradient => ({
  cotangents,
  primaryLossBefore,
  primaryLossAfter,
  [Symbol.dispose]: () => disposeParams(...cotangents),
});

/** A direction in theta1 with the primary loss it comes from; owns its tensors. */
export interface Direction extends Disposable {
  readonly params: Params;
  readonly primaryLoss: number;
}
