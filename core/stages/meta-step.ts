import type { ServiceIdentifier } from 'inversify';
import type { MetaStepMeasurement, StepMeasurement } from '../events/index.js';
import type { TrainState } from '../training/index.js';
import type { Batch } from './dataset.js';
import type { Optimizer } from './optimizer.js';
import type { StepPosition } from './schedule.js';

/** What one step measured, in the order it happened. */
export type Measurement = StepMeasurement | MetaStepMeasurement;

/**
 * Moves `state` by one batch and says what it measured. The batch is borrowed; the state owns the new tensors.
 * A position's `epoch` is the same for step n of every pass of an epoch, so inner and outer step see one rate.
 */
export type Step = (state: TrainState, batch: Batch, position: StepPosition) => readonly Measurement[];

/** One walk over the training split. */
export interface Pass {
  /** Also names the generator that shuffles the pass. */
  readonly name: string;
  readonly step: Step;
}

/** The meta-step stage: says which passes make an epoch, and trains theta2 in its own. */
export interface MetaStep {
  /** Why there is nothing to do for this meta-step in this pipeline; the run says it as a warning. */
  readonly idle?: string;
  /** theta2's optimizer, where theta2 is trained. */
  readonly optimizer?: Optimizer;
  /** The passes of one epoch, in order, given the ordinary training step of theta1. */
  passes(train: Step): readonly Pass[];
}
export const MetaStep: ServiceIdentifier<MetaStep> = Symbol.for('auxflow/MetaStep');
