/** Where training stands: `epoch` counts finished epochs and may be fractional. */
export interface Position {
  readonly epoch: number;
  readonly epochs: number;
}

/** A position that also names the step, for measurements and errors. */
export interface StepPosition extends Position {
  readonly pass: string;
  /** Steps of this pass in this epoch, from 1. */
  readonly step: number;
}

/** A hyperparameter over time. Nested in an optimizer as `learningRate`; a plain number means `constant`. */
export interface Schedule {
  at(position: Position): number;
}
