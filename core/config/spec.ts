import type { StageDefinition, StageKind } from '../plugins/index.js';

/** A pipeline as people write it, in YAML or TypeScript; only `dataset`, `model` and `optimizer` have no default. */
export interface PipelineSpec {
  /** Another pipeline file that this one changes, relative to the file it stands in. */
  extends?: string;
  name?: string;
  seed?: number;
  epochs?: number;
  /** Epochs that schedules are written for, stretched to `epochs`. */
  scheduleEpochs?: number;
  evaluation?: Partial<EvaluationPlan>;
  checkpoints?: Partial<CheckpointPlan>;
  /** Plugins from outside: npm package names or paths, relative to the file they stand in. */
  plugins?: readonly string[];
  dataset?: StageSpec;
  model?: StageSpec;
  loss?: StageSpec;
  auxiliaryLoss?: StageSpec;
  optimizer?: StageSpec;
  auxiliary?: StageSpec;
  metaStep?: StageSpec;
  combiner?: StageSpec;
  observers?: readonly StageSpec[];
  /** Measure the gradient cosine at every n-th training step; 0 never. */
  gradientCosine?: number;
  /** Folder that run folders are made in, relative to the file it stands in (to the working folder by default). */
  runs?: string;
}
export interface StageSpec {
  use: string;
  [key: string]: unknown;
}

/** What is tested besides the last epoch's weights. No choice is ever made by a test score. */
export interface EvaluationPlan {
  /** `validation`: also the weights of the epoch that scored best on the validation split, the earliest of equals. */
  readonly select: 'last' | 'validation';
  /** Test after each of this many last epochs, for the mean of their accuracies. */
  readonly lastEpochs: number;
}

/** When the state of a run is saved, so that it can go on from there. */
export interface CheckpointPlan {
  /** After every n-th epoch, and after the last; 0 after the last alone. */
  readonly everyEpochs: number;
  /** After every n-th step of a pass, too; 0 never. */
  readonly everySteps: number;
  /** How many of the last ones stay, beside the best by its validation score. */
  readonly keep: number;
}

/** The pipeline's keys that hold a stage, and the kind of stage each holds. */
export const stageKeys = {
  dataset: 'dataset',
  model: 'model',
  loss: 'loss',
  auxiliaryLoss: 'loss',
  optimizer: 'optimizer',
  auxiliary: 'auxiliary',
  metaStep: 'metaStep',
  combiner: 'combiner',
} as const satisfies Record<string, StageKind>;
export type StageKey = keyof typeof stageKeys;

/** What the stage under each key is for. */
export const stageRoles: Readonly<Record<StageKey, string>> = {
  dataset: 'the samples, their labels, and which level of these is the primary task',
  model: 'the trunk that both tasks share, and their heads',
  loss: "the primary task's loss",
  auxiliaryLoss:
    "the auxiliary task's loss: changes `loss`, and is the same where nothing is written; cross-entropy beside a regression",
  optimizer: 'moves the main network',
  auxiliary: 'where auxiliary labels come from; the primary task alone by default',
  metaStep: 'trains the label network of strategies that learn; none by default',
  combiner: "makes one update of both tasks' gradients; their sum by default",
};

/** A stage whose name was found and whose configuration was validated. */
export interface ResolvedStage {
  readonly kind: StageKind;
  readonly use: string;
  /** Name of the plugin that provides it. */
  readonly plugin: string;
  readonly definition: StageDefinition;
  /** Validated configuration with defaults, nested stages taken out. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Nested stages by key (`learningRate`, `optimizer`). */
  readonly nested: Readonly<Record<string, ResolvedStage>>;
}

/** A validated pipeline with every default filled in; what `compose` builds from. */
export interface ResolvedPipeline {
  readonly name: string;
  readonly seed: number;
  readonly epochs: number;
  readonly scheduleEpochs?: number;
  readonly evaluation: EvaluationPlan;
  readonly checkpoints: CheckpointPlan;
  readonly gradientCosine: number;
  /** Absolute. */
  readonly runs: string;
  /** Plugins from outside: package names and absolute paths. */
  readonly plugins: readonly string[];
  readonly stages: Readonly<Record<StageKey, ResolvedStage>>;
  readonly observers: readonly ResolvedStage[];
}
