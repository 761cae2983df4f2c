import type { SpecOf } from '../core/config/index.js';
import basics from './basics/plugin.js';
import datasets from './datasets/plugin.js';
import maxl from './maxl/plugin.js';
import metaGradient from './meta-gradient/plugin.js';
import randomLabels from './random-labels/plugin.js';
import singleTask from './single-task/plugin.js';
import vision from './vision/plugin.js';

/** The plugins that every pipeline has without listing them. */
export const builtIn = [datasets, vision, basics, metaGradient, maxl, singleTask, randomLabels] as const;

/** What a pipeline has where it says nothing. */
export const defaults: SpecOf<(typeof builtIn)[number]> = {
  loss: { use: 'cross-entropy' },
  auxiliary: { use: 'single-task' },
  metaStep: { use: 'none' },
  combiner: { use: 'sum' },
};
