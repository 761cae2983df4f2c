import { countParams } from '../autodiff/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import type { Warning } from '../events/index.js';
import type { Measurement } from '../stages/index.js';
import { evaluateBatch, Walk } from '../training/index.js';
import { compose } from './compose.js';
import type { ComposeOptions } from './compose.js';
import { passesOf, warningsOf } from './script.js';

/** What a pipeline would run on, and how its first batch went. */
export interface DryRunReport {
  readonly dataset: {
    readonly name: string;
    readonly inputShape: readonly number[];
    readonly trainSamples: number;
    readonly validationSamples: number;
    readonly testSamples: number;
    readonly primary: string;
    /** None in a regression. */
    readonly primaryClasses: readonly string[];
  };
  /** Scalars in theta1, and in theta2 where a strategy learns. */
  readonly parameters: number;
  readonly labelParameters?: number;
  /** One step of each pass on one batch. */
  readonly passes: readonly { readonly name: string; readonly measurements: readonly Measurement[] }[];
  readonly warnings: readonly Warning[];
}

/** Builds everything, takes one batch through each pass and through evaluation, and frees it all again. */
export async function dryRun(pipeline: ResolvedPipeline, options?: ComposeOptions): Promise<DryRunReport> {
  using composition = await compose(pipeline, options);
  const { dataset, labels, state, network, objective, random } = composition;
  using first = new Walk(dataset, random, 'train', 1).at(0);
  // Labels that must be prepared first, by training an autoencoder say, aren't there to step on.
  const passes = labels.prepare ? [] : passesOf(composition);
  const measured = passes.map(({ name, step, settle }) => {
    const position = { epoch: 0, epochs: pipeline.epochs, pass: name, step: 1 };
    return {
      name,
      measurements: [step, settle].flatMap((work) => work?.(state, first.batch, position, first.draw) ?? []),
    };
  });
  evaluateBatch(network, state.theta1.variables, objective, first.batch);
  return {
    dataset: {
      name: dataset.name,
      inputShape: dataset.inputShape,
      trainSamples: dataset.train.size,
      validationSamples: dataset.validation?.size ?? 0,
      testSamples: dataset.test.size,
      primary: dataset.primary,
      primaryClasses: dataset.target ? [] : dataset.levels[dataset.primary]!.classes,
    },
    parameters: countParams(state.theta1.variables.params),
    ...(state.theta2 && { labelParameters: countParams(state.theta2.variables.params) }),
    passes: measured,
    warnings: warningsOf(composition),
  };
}
