import { dirname } from 'node:path/posix';
import { Container } from 'inversify';
import { pino } from 'pino';
import { placed } from '../config/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { Random as Generators, Scope } from '../engine/index.js';
import { ConfigError } from '../errors/index.js';
import type { Network } from '../autodiff/index.js';
import {
  AuxiliaryLabels,
  AuxiliaryLoss,
  Clock,
  Combiner,
  Dataset,
  type DatasetSource,
  Logger,
  Loss,
  MetaStep,
  Model,
  Optimizer,
  Random,
} from '../stages/index.js';
import type { Observer } from '../stages/index.js';
import { EpochMeter, initialState, LabelWatch, MainNetwork, mainNetwork, Objective } from '../training/index.js';
import type { TrainState } from '../training/index.js';
import { Progress } from './progress.js';
import { buildStage, stageModule } from './stage-module.js';

/** What a run works with: every stage built and wired, and fresh state. Disposing frees all of it. */
export interface Composition extends Disposable {
  readonly pipeline: ResolvedPipeline;
  readonly dataset: Dataset;
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly combiner: Combiner;
  readonly labels: AuxiliaryLabels;
  readonly labelWatch: LabelWatch;
  readonly metaStep: MetaStep;
  readonly observers: readonly Observer[];
  readonly random: Generators;
  readonly clock: Clock;
  readonly state: TrainState;
  /** @internal */
  readonly progress: Progress;
  /** Work that must end before anything is freed. */
  busy: Promise<void>;
}

/** Counts `work` among what must end before the composition is freed, even if nobody listens any more. */
export function occupied<T>(composition: Composition, work: Promise<T>): Promise<T> {
  composition.busy = Promise.allSettled([composition.busy, work]).then(() => undefined);
  return work;
}

export interface ComposeOptions {
  /** Silent by default. */
  readonly logger?: Logger;
  readonly clock?: Clock;
}

/**
 * The one composition root: loads the dataset, builds the stages that a pipeline names and wires them by injection.
 * @throws ConfigError, DataError or PluginError; nothing stays allocated then
 */
export async function compose(pipeline: ResolvedPipeline, options: ComposeOptions = {}): Promise<Composition> {
  const scope = new Scope();
  try {
    const root = new Container();
    root.bind(Logger).toConstantValue(options.logger ?? pino({ level: 'silent' }));
    root.bind(Clock).toConstantValue(options.clock ?? (() => performance.now()));

    const run = new Container({ parent: root });
    scope.defer(() => run.unbindAll());
    const random = new Generators(pipeline.seed);
    run.bind(Random).toConstantValue(random);

    const { stages } = pipeline;
    const source = buildStage(stages.dataset, run, scope) as DatasetSource;
    run.bind(Dataset).toConstantValue(await source.load());
    run.load(
      stageModule(Model, stages.model, run, scope),
      stageModule(Loss, stages.loss, run, scope),
      stageModule(AuxiliaryLoss, stages.auxiliaryLoss, run, scope),
      stageModule(Optimizer, stages.optimizer, run, scope),
      stageModule(AuxiliaryLabels, stages.auxiliary, run, scope),
      stageModule(Combiner, stages.combiner, run, scope),
      stageModule(MetaStep, stages.metaStep, run, scope),
    );
    run
      .bind(MainNetwork)
      .toDynamicValue(({ get }) => {
        const { inputShape, levels, primary, target } = get(Dataset);
        const outputs = target ? 1 : levels[primary]!.classes.length;
        return mainNetwork(get(Model), inputShape, outputs, get(AuxiliaryLabels).head?.outputs);
      })
      .inSingletonScope();
    run
      .bind(Objective)
      .toDynamicValue(({ get }) => new Objective(get(Loss), get(AuxiliaryLoss)))
      .inSingletonScope();

    const parts = {
      dataset: run.get(Dataset),
      network: run.get<Network>(MainNetwork),
      objective: run.get(Objective),
      optimizer: run.get(Optimizer),
      combiner: run.get(Combiner),
      labels: run.get(AuxiliaryLabels),
      metaStep: run.get(MetaStep),
    };
    const state = scope.own(initialState({ ...parts, labelOptimizer: parts.metaStep.optimizer, random }));
    const { primary, levels } = parts.dataset;
    const meter = (): EpochMeter => new EpochMeter(parts.labels.head?.psi, levels[primary]!.classes);
    refuseLosses(parts, run.get(Loss), run.get(AuxiliaryLoss));
    refuseBatchOfOne(parts.dataset, state);
    refuseSelection(pipeline, parts.dataset);
    return {
      pipeline,
      ...parts,
      labelWatch: new LabelWatch(parts.labels),
      observers: pipeline.observers.map((observer) => buildStage(observer, run, scope) as Observer),
      random,
      clock: root.get(Clock),
      state,
      progress: new Progress(meter),
      busy: Promise.resolve(),
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error instanceof ConfigError ? placed(error, pipeline) : error;
  }
}

/** A network that tracks batch statistics can't train on one sample; better said now than at an epoch's last step. */
function refuseBatchOfOne({ batch, train, heldOut }: Dataset, { theta1 }: TrainState): void {
  const tracked = Object.keys(theta1.variables.state)[0];
  if (!tracked) return;
  const refuse = (key: string, what: string, hint: string): never => {
    throw ConfigError.of(
      'dataset/batch-of-one',
      ['dataset', key],
      `${what} a batch of one sample, and batch norm (${dirname(tracked)}) can't train on it`,
      hint,
    );
  };
  if (batch === 1 || train.size % batch === 1) {
    const left = `${train.size} training samples in batches of ${batch} leave`;
    refuse('batch', left, 'choose another batch size or another number of training samples');
  }
  if (heldOut?.size === 1) refuse('heldOut', 'one held-out sample makes', 'hold out at least two samples');
}

/** A loss of classes makes no sense of numbers, nor the other way round. */
function refuseLosses({ dataset, labels }: Pick<Composition, 'dataset' | 'labels'>, loss: Loss, auxiliary: Loss): void {
  const refuse = ({ task = 'classification' }: Loss, key: string, wanted: typeof task, what: string): void => {
    if (task === wanted) return;
    throw ConfigError.of(
      'loss/other-task',
      [key, 'use'],
      `this is a loss for ${task}, but ${what}`,
      wanted === 'regression' ? `write ${key}: { use: mean-squared-error }` : `write ${key}: { use: cross-entropy }`,
    );
  };
  const { name, primary, target } = dataset;
  if (target) refuse(loss, 'loss', 'regression', `the primary task of ${name} predicts the number "${target.name}"`);
  else refuse(loss, 'loss', 'classification', `the primary task of ${name} tells the classes of level "${primary}"`);
  if (labels.head) refuse(auxiliary, 'auxiliaryLoss', labels.head.task, `the auxiliary task is a ${labels.head.task}`);
}

/** Nothing can be selected by a validation split that isn't there. */
function refuseSelection({ evaluation }: ResolvedPipeline, { name, validation }: Dataset): void {
  if (evaluation.select === 'last' || validation) return;
  throw ConfigError.of(
    'evaluation/no-validation',
    ['evaluation', 'select'],
    `${name} holds no validation samples out, by which an epoch could be selected`,
    'give dataset.validation a number of samples, or use select: last',
  );
}
