import { disposable, disposeParams, training } from '../../../core/autodiff/index.js';
import type { Params } from '../../../core/autodiff/index.js';
import { loadPipeline } from '../../../core/config/index.js';
import type { PipelineSpec } from '../../../core/config/index.js';
import { tf } from '../../../core/engine/index.js';
import { compose, passesOf } from '../../../core/pipeline/index.js';
import type { Composition } from '../../../core/pipeline/index.js';
import type { Plugin } from '../../../core/plugins/index.js';
import { isLearned } from '../../../core/stages/index.js';
import type { Batch, Draw, StepPosition } from '../../../core/stages/index.js';
import { batches, heads } from '../../../core/training/index.js';
import { exact } from '../../meta-gradient/exact.js';
import { theta2Gradient } from '../../meta-gradient/label-step.js';
import { oneStep } from '../../meta-gradient/one-step.js';
import { Errors } from './compare.js';
import { toParams } from './names.js';
import { rowwiseCosine } from './rowwise-cosine.js';
import type { Trace } from './trace.js';
import { tracePlugin } from './trace-plugin.js';

export interface ParityReport {
  /** Largest relative error of each quantity over all steps. */
  readonly errors: Readonly<Record<string, number>>;
  readonly largest: number;
  readonly tolerance: number;
  readonly passed: boolean;
}

/** The pipeline of a trace. The rate drops from the training rate to the look-ahead's after one epoch, as in the reference. */
const pipelineOf = ({ config }: Trace): PipelineSpec => ({
  name: 'parity',
  dataset: { use: 'trace' },
  model: { use: 'vgg16', widths: config.filters },
  loss: { use: 'focal', gamma: config.focalGamma },
  optimizer: {
    use: 'sgd',
    learningRate: {
      use: 'step',
      initial: config.mainOptimizer.sgd,
      every: 1,
      factor: config.innerLearningRate / config.mainOptimizer.sgd,
    },
  },
  auxiliary: { use: 'maxl', psi: config.psi, entropyWeight: config.entropyWeight },
  metaStep: {
    use: 'meta-gradient',
    optimizer: { use: 'sgd', learningRate: config.labelOptimizer.sgd, weightDecay: config.labelOptimizer.weightDecay },
  },
  epochs: 2,
});

/**
 * Replays a reference trace through the plugins of a real run and compares what comes out.
 * @param plugins what the trace's pipeline may name: the built-in ones
 */
export async function replay(trace: Trace, plugins: readonly Plugin[], defaults: PipelineSpec): Promise<ParityReport> {
  const pipeline = await loadPipeline(pipelineOf(trace), { plugins: [...plugins, tracePlugin(trace)], defaults });
  using composition = await compose(pipeline);
  const { dataset, state } = composition;
  replaceWeights(state.theta1.variables.params, toParams(trace.initial.multiTask));
  replaceWeights(state.theta2!.variables.params, toParams(trace.initial.labelGenerator));

  const errors = new Errors();
  const replayed = [...batches(dataset, dataset.train, { batch: dataset.batch })];
  for (const [i, expected] of trace.trace.train.entries()) {
    replayTraining(composition, replayed[i % replayed.length]!, i, expected, errors);
  }
  errors.params('weights after training', state.theta1.variables.params, trace.afterTrain.multiTask);
  for (const [i, expected] of trace.trace.meta.entries()) {
    replayMeta(composition, replayed[i % replayed.length]!, i, expected, errors);
  }
  errors.params('weights after meta-steps', state.theta2!.variables.params, trace.afterMeta.labelGenerator);
  for (const batch of replayed) batch[Symbol.dispose]();

  const tolerance = Math.max(1e-4, 10 * (trace.conditioning?.float32AgainstFloat64 ?? 0));
  const largest = Math.max(...Object.values(errors.largest));
  return { errors: errors.largest, largest, tolerance, passed: largest <= tolerance };
}

function replayTraining(
  composition: Composition,
  batch: Batch,
  index: number,
  expected: Trace['trace']['train'][number],
  errors: Errors,
): void {
  const { network, objective, labels: strategy, state } = composition;
  {
    using labels = strategy.for(batch, state.theta2);
    using point = network.linearize(state.theta1.variables, batch.inputs, training());
    using losses = objective.at(point.outputs, batch.primary, labels);
    errors.tensor('auxiliary labels', labels.targets, expected.auxiliaryLabels);
    for (const head of [heads.primary, heads.auxiliary]) {
      using probabilities = tf.softmax(point.outputs[head]!);
      errors.tensor(`${head} probabilities`, probabilities, expected[`${head}Probabilities`]);
    }
    using primary = disposable(point.pullback({ [heads.primary]: losses.primary.cotangent }));
    using auxiliary = disposable(point.pullback({ [heads.auxiliary]: losses.auxiliary!.cotangent }));
    errors.cosine(
      'gradient cosine, row-wise',
      rowwiseCosine(primary.params, auxiliary.params),
      expected.gradientCosineReferenceRowwise,
    );
  }
  const measured = take(composition, 'train', batch, { epoch: 0, epochs: 2, pass: 'train', step: index + 1 });
  if (measured.type !== 'step:end') throw new Error('the training pass took no training step');
  errors.number('primary loss', measured.primaryLoss, expected.primaryLoss);
  errors.number('auxiliary loss', measured.auxiliaryLoss!, expected.auxiliaryLoss);
  errors.cosine('gradient cosine', measured.gradientCosine!, expected.gradientCosineShared);
}

function replayMeta(
  composition: Composition,
  batch: Batch,
  index: number,
  expected: Trace['trace']['meta'][number],
  errors: Errors,
): void {
  const { labels: strategy, state, optimizer } = composition;
  if (!isLearned(strategy)) throw new Error('the strategy of a trace learns');
  const position: StepPosition = { epoch: 1, epochs: 2, pass: 'meta', step: index + 1 };
  {
    using labels = strategy.linearize(state.theta2!.variables, batch, training());
    const rules = { ...composition, learningRate: optimizer.learningRate.at(position) };
    using meta = oneStep(exact)({ theta1: state.theta1, inner: [{ batch, labels }], meta: batch }, rules);
    using gradient = disposable(labels.pullback(meta.cotangents[0]!.targets));
    errors.params('meta-gradient', gradient.params, expected.metaGradient);
    using total = theta2Gradient([{ batch, labels }], meta.cotangents, strategy.regulariser);
    errors.params('meta-gradient with entropy term', total.params, expected.totalGradient);
  }
  const measured = take(composition, 'meta', batch, position);
  if (measured.type !== 'meta-step:end') throw new Error('the meta pass took no meta-step');
  errors.number('primary loss before the look-ahead', measured.primaryLossBefore, expected.primaryLossBefore);
  errors.number('primary loss after the look-ahead', measured.primaryLossAfter, expected.primaryLossAfterInnerStep);
  errors.number('entropy term', measured.regulariser, expected.entropyTerm);
}

const take = (composition: Composition, name: string, batch: Batch, position: StepPosition) =>
  passesOf(composition)
    .find((pass) => pass.name === name)!
    .step(composition.state, batch, position, ownBatchOnly)[0]!;

const none = (): never => {
  throw new Error("a trace's steps have their own batch alone");
};
const ownBatchOnly: Draw = { ahead: none, heldOut: none };

/** Overwrites a network's parameters in place of its fresh ones; takes ownership of `weights`. */
function replaceWeights(params: Params, weights: Params): void {
  const missing = Object.keys(params).filter((name) => !weights[name]);
  if (missing.length > 0) throw new Error(`the trace has no weights for ${missing.join(', ')}`);
  disposeParams(params);
  Object.assign(params, weights);
}
