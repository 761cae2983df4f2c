import { Scope } from '../../core/engine/index.js';
import type {
  Batch,
  Draw,
  LabelLinearisation,
  LearnedLabels,
  Optimizer,
  StepPosition,
} from '../../core/stages/index.js';
import { rateAt } from '../../core/training/index.js';
import type { Learner } from '../../core/training/index.js';
import type { InnerRules } from './method.js';

/** Which batch judges where theta1's steps lead. */
export type MetaBatch = 'inner' | 'next' | 'held-out';

/** What every schedule works with. */
export interface MetaWork extends Omit<InnerRules, 'learningRate'> {
  readonly strategy: LearnedLabels;
  readonly labelOptimizer: Optimizer;
  /** Steps that theta1 looks ahead. */
  readonly steps: number;
  readonly metaBatch: MetaBatch;
}

/** theta1's rules at a position: its current rate is the look-ahead's. */
export const rulesAt = (work: MetaWork, position: StepPosition): InnerRules => ({
  ...work,
  learningRate: rateAt(work.optimizer, 'optimizer', position),
});

/** The batches of a meta-step; those beyond the step's own are drawn, and borrowed like it. */
export function batchesOf(
  { steps, metaBatch }: Pick<MetaWork, 'steps' | 'metaBatch'>,
  batch: Batch,
  draw: Draw,
): { readonly inner: readonly Batch[]; readonly meta: Batch } {
  const inner = Array.from({ length: steps }, (_, i) => (i === 0 ? batch : draw.ahead(i)));
  const meta = { inner: () => inner.at(-1)!, next: () => draw.ahead(steps), 'held-out': () => draw.heldOut() };
  return { inner, meta: meta[metaBatch]() };
}

/** theta2's labels of some batches, with the way back; freed together. */
export function labelsOf(
  strategy: LearnedLabels,
  { variables, mode }: Learner,
  batches: readonly Batch[],
): Disposable & { readonly points: readonly LabelLinearisation[] } {
  const scope = new Scope();
  try {
    const points = batches.map((batch) => scope.own(strategy.linearize(variables, batch, mode)));
    return { points, [Symbol.dispose]: () => scope[Symbol.dispose]() };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}
