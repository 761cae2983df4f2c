import type { ResolvedPipeline } from '../config/index.js';
import { compose } from '../pipeline/index.js';
import { isLearned } from '../stages/index.js';
import { fixedLabelling } from './fixed-labels.js';
import type { Labelling } from './labelling.js';
import { learnedLabelling } from './learned-labels.js';

/**
 * Labels samples as a finished run's strategy does, composed anew from the run's own pipeline.
 * @returns `undefined` where the strategy sorts its samples into no classes
 * @throws DataError, ConfigError or PluginError where the dataset, the weights or a plugin isn't there any more
 */
export async function labelRun(pipeline: ResolvedPipeline, folder: string): Promise<Labelling | undefined> {
  using composition = await compose(pipeline);
  const { labels } = composition;
  if (labels.head?.task !== 'classification') return undefined;
  return isLearned(labels)
    ? await learnedLabelling(composition, labels, folder)
    : await fixedLabelling(composition, folder);
}
