import type { PipelineSpec } from '../core/config/index.js';
import type { Plugin } from '../core/plugins/index.js';
import basics from './basics/plugin.js';
import datasets from './datasets/plugin.js';
import maxl from './maxl/plugin.js';
import metaGradient from './meta-gradient/plugin.js';
import randomLabels from './random-labels/plugin.js';
import singleTask from './single-task/plugin.js';
import vision from './vision/plugin.js';

/** The plugins that every pipeline has without listing them. */
export const builtIn: readonly Plugin[] = [datasets, vision, basics, metaGradient, maxl, singleTask, randomLabels];

/** What a pipeline has where it says nothing. */
export const defaults: PipelineSpec = {
  loss: { use: 'cross-entropy' },
  auxiliary: { use: 'single-task' },
  metaStep: { use: 'none' },
  combiner: { use: 'sum' },
};
