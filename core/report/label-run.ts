import type { ResolvedPipeline } from '../config/index.js';
import { Scope } from '../engine/index.js';
import { compose } from '../pipeline/index.js';
import { isLearned } from '../stages/index.js';
import { restoreLabels } from '../trained/index.js';
import { fixedLabelling } from './fixed-labels.js';
import type { Labelling } from './labelling.js';
import { learnedLabelling } from './learned-labels.js';

/**
 * Labels samples as a finished run's strategy does, composed anew from the run's own pipeline.
 * @returns `undefined` where the strategy sorts its samples into no classes
 * @throws DataError, ConfigError or PluginError where the dataset, the weights, the labels or a plugin aren't there any more
 */
export async function labelRun(pipeline: ResolvedPipeline, folder: string): Promise<Labelling | undefined> {
  using composition = await compose(pipeline);
  const { dataset, labels, state } = composition;
  if (labels.head?.task !== 'classification') return undefined;
  using scope = new Scope();
  const theta2 = await restoreLabels(composition, folder, scope);
  if (theta2 && isLearned(labels)) return learnedLabelling(dataset, labels, theta2, state.theta2!.variables);
  return fixedLabelling(dataset, labels);
}
