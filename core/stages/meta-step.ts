import type { ServiceIdentifier } from 'inversify';
import type { Params } from '../autodiff/index.js';
import type { InPass, MetaStepMeasurement, StepMeasurement } from '../events/index.js';
import type { TrainState } from '../training/index.js';
import type { Batch } from './dataset.js';
import type { Optimizer } from './optimizer.js';
import type { StepPosition } from './schedule.js';

/** What one step measured. A meta-step that was finished by a later step says whose it is. */
export type Measurement = StepMeasurement | (MetaStepMeasurement & Partial<Pick<InPass, 'step' | 'samples'>>);

/** Other batches than a step's own, drawn when they are asked for; they are borrowed and freed when the step ends. */
export interface Draw {
  /** The batch `places` after this one in the pass; after an epoch's last comes the next epoch's first. */
  ahead(places: number): Batch;
  /**
   * A batch of the dataset's held-out split, another one at each step.
   * @throws ConfigError where the dataset holds nothing out
   */
  heldOut(): Batch;
}

/**
 * Moves `state` by one batch and says what it measured, in the order it happened. The batch is borrowed; the state owns the new tensors.
 * A position's `epoch` is the same for step n of every pass of an epoch, so inner and outer step see one rate.
 */
export type Step = (state: TrainState, batch: Batch, position: StepPosition, draw: Draw) => readonly Measurement[];

/** One walk over the training split. */
export interface Pass {
  /** Also names the generator that shuffles the pass. */
  readonly name: string;
  readonly step: Step;
  /**
   * Finishes what the last step left to its successor, given the batch that would come next: at the end of a pass and
   * wherever a run pauses. Going on from here must give the same weights as never having paused.
   */
  readonly settle?: Step;
}

export interface PassOptions {
  /** The ordinary training step of theta1. */
  readonly train: Step;
  /** Measure the gradient cosine at every n-th update of theta1; 0 never. */
  readonly cosineEvery: number;
}

/** The meta-step stage: says which passes make an epoch, and trains theta2 in its own. */
export interface MetaStep {
  /** Why there is nothing to do for this meta-step in this pipeline; the run says it as a warning. */
  readonly idle?: string;
  /** theta2's optimizer, where theta2 is trained. */
  readonly optimizer?: Optimizer;
  /** The passes of one epoch, in order. */
  passes(options: PassOptions): readonly Pass[];
  /** Ways to compute the same meta-gradient, to be compared at one state; none where there is nothing to do. */
  readonly methods?: Readonly<Record<string, GradientMethod>>;
}
export const MetaStep: ServiceIdentifier<MetaStep> = Symbol.for('auxflow/MetaStep');

/** The gradient that a meta-step would move theta2 by, regulariser included; owned by the caller. The state stays as it is. */
export type GradientMethod = (state: TrainState, batch: Batch, position: StepPosition, draw: Draw) => Params;
