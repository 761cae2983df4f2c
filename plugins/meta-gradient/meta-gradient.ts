import { inject, injectable } from 'inversify';
import type { z } from 'zod';
import type { Network } from '../../core/autodiff/index.js';
import { ConfigError } from '../../core/errors/index.js';
import { AuxiliaryLabels, Combiner, Dataset, isLearned, Optimizer, StageConfig } from '../../core/stages/index.js';
import type { GradientMethod, MetaStep, Pass, PassOptions, Step } from '../../core/stages/index.js';
import { MainNetwork, Objective } from '../../core/training/index.js';
import type { MetaGradientConfig } from './config.js';
import { doubleBackward } from './double-backward.js';
import { exact } from './exact.js';
import { finiteDifference } from './finite-difference.js';
import { interleaved } from './interleaved.js';
import { gradientOf, metaStep } from './meta-step.js';
import type { MetaGradient } from './method.js';
import { noLookAhead } from './no-look-ahead.js';
import { oneStep } from './one-step.js';
import { Streaming } from './streaming.js';
import { unrolled } from './unrolled.js';
import type { MetaWork } from './work.js';

type Config = z.output<typeof MetaGradientConfig>;

const oneStepMethods = { exact, 'finite-difference': finiteDifference, 'no-look-ahead': noLookAhead };

const methods: Readonly<Record<Config['method'], MetaGradient>> = {
  exact: oneStep(exact),
  'finite-difference': oneStep(finiteDifference),
  'no-look-ahead': oneStep(noLookAhead),
  unrolled,
  'double-backward': doubleBackward,
};

/** Trains a learned strategy's theta2 so that its labels help theta1's next step (paper, algorithm 1). */
@injectable()
export class MetaGradientStep implements MetaStep, Disposable {
  readonly idle?: string;
  readonly optimizer: Optimizer;
  private readonly work: MetaWork | undefined;
  private readonly streams: Streaming[] = [];

  constructor(
    @inject(StageConfig) private readonly config: Config,
    @inject(AuxiliaryLabels) strategy: AuxiliaryLabels,
    @inject(MainNetwork) network: Network,
    @inject(Objective) objective: Objective,
    @inject(Combiner) combiner: Combiner,
    @inject(Optimizer) optimizer: Optimizer,
    @inject(Dataset) dataset: Dataset,
  ) {
    this.optimizer = config.optimizer;
    if (!isLearned(strategy)) {
      this.idle = 'the auxiliary labels have no weights to learn, so the meta-gradient has nothing to do';
      return;
    }
    refuseCombiner(combiner, config);
    const { steps, metaBatch = config.schedule === 'streaming' ? 'next' : 'inner' } = config;
    if (metaBatch === 'held-out' && !dataset.heldOut) {
      throw ConfigError.of(
        'meta-step/held-out',
        ['metaStep', 'metaBatch'],
        `${dataset.name} holds no samples out for meta batches`,
        'give dataset.heldOut a number of samples, or use the metaBatch inner or next',
      );
    }
    const batches = Math.ceil(dataset.train.size / dataset.batch);
    if (steps > batches) {
      throw ConfigError.of(
        'meta-step/steps',
        ['metaStep', 'steps'],
        `${steps} steps ahead need as many batches, and an epoch has ${batches}`,
        `look at most ${batches} steps ahead, or make the batches smaller`,
      );
    }
    const labelOptimizer = this.optimizer;
    this.work = { strategy, network, objective, combiner, optimizer, labelOptimizer, steps, metaBatch };
  }

  passes({ train, cosineEvery }: PassOptions): readonly Pass[] {
    const { work } = this;
    const { method, schedule } = this.config;
    if (!work) return [{ name: 'train', step: train }];
    if (schedule === 'streaming') {
      const stream = new Streaming(work, cosineEvery);
      this.streams.push(stream);
      return [{ name: 'train', step: stream.step, settle: stream.settle }];
    }
    if (schedule === 'interleaved') {
      const rule = oneStepMethods[method as keyof typeof oneStepMethods];
      return [{ name: 'train', step: interleaved(rule, work, cosineEvery) }];
    }
    const meta = metaStep(methods[method], work);
    if (schedule === 'epoch') {
      return [
        { name: 'train', step: train },
        { name: 'meta', step: meta },
      ];
    }
    return [{ name: 'train', step: withMeta(train, meta, schedule.every) }];
  }

  get methods(): Readonly<Record<string, GradientMethod>> {
    const { work } = this;
    if (!work) return {};
    const fitting = Object.entries(methods).filter(
      ([name]) =>
        (work.steps === 1 || !(name in oneStepMethods)) && (work.combiner.weights || name !== 'double-backward'),
    );
    return Object.fromEntries(fitting.map(([name, method]) => [name, gradientOf(method, work)]));
  }

  [Symbol.dispose](): void {
    for (const stream of this.streams) stream[Symbol.dispose]();
  }
}

/** A training step, and after each n-th update of theta1 a meta-step on the same batch. */
const withMeta =
  (train: Step, meta: Step, every: number): Step =>
  (state, ...drawn) => [
    ...train(state, ...drawn),
    ...(state.theta1.optimizer.count % every === 0 ? meta(state, ...drawn) : []),
  ];

/**
 * One step ahead, every combiner goes that says how its update follows the auxiliary gradient. Several steps ahead, and on
 * the tape, the update must be one weighted sum throughout.
 */
function refuseCombiner({ weights, adjoint, learn }: Combiner, { method, steps }: Config): void {
  const refuse = (what: string, hint: string): never => {
    throw ConfigError.of('meta-step/combiner', ['combiner'], what, hint);
  };
  if (!weights && !adjoint) {
    refuse('the meta-gradient goes through the update, and this combiner has no adjoint', 'use the combiner sum');
  }
  if (!weights && (method === 'double-backward' || steps > 1)) {
    refuse(
      `${steps > 1 ? `${steps} steps ahead need` : `${method} needs`} a combiner that is a weighted sum of the gradients`,
      'look one step ahead with the method exact, or use the combiner sum',
    );
  }
  if (learn && steps > 1) {
    refuse(
      `this combiner learns its weights from step to step, and ${steps} steps ahead would take them as fixed`,
      'look one step ahead with the method exact, or use the combiner sum',
    );
  }
}
