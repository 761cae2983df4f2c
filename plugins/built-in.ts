import type { SpecOf } from '../core/config/index.js';
import autoencoderKMeans from './autoencoder-kmeans/plugin.js';
import basics from './basics/plugin.js';
import datasets from './datasets/plugin.js';
import deepCluster from './deep-cluster/plugin.js';
import humanHierarchy from './human-hierarchy/plugin.js';
import lossWeighting from './loss-weighting/plugin.js';
import maxl from './maxl/plugin.js';
import metaGradient from './meta-gradient/plugin.js';
import randomLabels from './random-labels/plugin.js';
import rotation from './rotation/plugin.js';
import singleTask from './single-task/plugin.js';
import trackers from './trackers/plugin.js';
import uniformLabels from './uniform-labels/plugin.js';
import vision from './vision/plugin.js';
import weightedMaxl from './weighted-maxl/plugin.js';

const plugins = [
  datasets,
  vision,
  basics,
  metaGradient,
  maxl,
  singleTask,
  humanHierarchy,
  autoencoderKMeans,
  randomLabels,
  uniformLabels,
  rotation,
  deepCluster,
  weightedMaxl,
  lossWeighting,
  trackers,
] as const;

/** @hidden the names and keys of all their stages, which docs/configuration.md has in a form for people */
export type BuiltIn = typeof plugins;

/** The plugins that every pipeline has without listing them. */
export const builtIn: BuiltIn = plugins;

/** What a pipeline has where it says nothing. */
export const defaults: SpecOf<BuiltIn[number]> = {
  loss: { use: 'cross-entropy' },
  auxiliary: { use: 'single-task' },
  metaStep: { use: 'none' },
  combiner: { use: 'sum' },
};

/**
 * What every comparison carries along: no auxiliary task, also with the plainest loss, and an auxiliary head whose labels say
 * nothing.
 */
export const controls = [
  { label: 'single-task', set: ['auxiliary.use=single-task'] },
  { label: 'cross-entropy', set: ['auxiliary.use=single-task', 'loss.use=cross-entropy'] },
  { label: 'uniform-labels', set: ['auxiliary.use=uniform-labels'] },
] as const;
