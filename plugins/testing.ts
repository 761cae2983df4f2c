// What plugin authors test with: `import { check, conformance } from 'auxflow/testing'`.
import { conformance as conformanceIn } from '../core/testing/index.js';
import type { StageCase, Suite } from '../core/testing/index.js';
import type { StageKind } from '../core/plugins/index.js';
import { builtIn, defaults } from './built-in.js';

export { check, failures, layerErrors } from '../core/testing/index.js';
export type { Check, LayerCase, LayerErrors, StageCase, Suite, TestRunner } from '../core/testing/index.js';

/** A small pipeline that trains a label network, so that whatever a stage can be asked for is asked. */
const pipeline = {
  ...defaults,
  name: 'conformance',
  seed: 7,
  epochs: 2,
  dataset: { use: 'testing-samples', train: 24, validation: 6, heldOut: 6, batch: 6 },
  model: { use: 'mlp', hidden: [6] },
  optimizer: { use: 'sgd', learningRate: 0.05 },
  auxiliary: { use: 'maxl', psi: 2 },
  metaStep: { use: 'meta-gradient', optimizer: { use: 'sgd', learningRate: 0.05 } },
} as const;

/**
 * What the contract of its kind asks of a stage; give it to {@link check}. Around the stage stands a small pipeline of
 * built-in stages, which trains a label network on noise.
 * @example check(conformance('loss', { plugin, stage: { use: 'brier' } }), { describe, it })
 * @throws PluginError where the plugin has no such stage
 */
export const conformance = (kind: StageKind, given: StageCase): Suite =>
  conformanceIn(kind, given, { plugins: builtIn, pipeline });
