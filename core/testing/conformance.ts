import { Catalog } from '../plugins/index.js';
import type { StageKind } from '../plugins/index.js';
import { PluginError } from '../errors/index.js';
import { Bench, type StageCase, type Surroundings } from './bench.js';
import { configChecks } from './config-checks.js';
import { auxiliaryChecks } from './contracts/auxiliary.js';
import { combinerChecks } from './contracts/combiner.js';
import { datasetChecks } from './contracts/dataset.js';
import { lossChecks } from './contracts/loss.js';
import { metaStepChecks } from './contracts/meta-step.js';
import { modelChecks } from './contracts/model.js';
import { observerChecks } from './contracts/observer.js';
import { optimizerChecks } from './contracts/optimizer.js';
import { scheduleChecks } from './contracts/schedule.js';
import { runChecks } from './run-checks.js';
import type { Check, Suite } from './suite.js';

const contracts: Readonly<Record<StageKind, (bench: Bench) => Check[]>> = {
  dataset: datasetChecks,
  model: modelChecks,
  loss: lossChecks,
  optimizer: optimizerChecks,
  auxiliary: auxiliaryChecks,
  metaStep: metaStepChecks,
  combiner: combinerChecks,
  schedule: scheduleChecks,
  observer: observerChecks,
};

/**
 * What the contract of its kind asks of a stage, each point as a check: its configuration, its own methods (shapes, who owns
 * which tensor, derivatives, what the seed fixes, snapshots), and whole runs with it, one of them stopped and resumed.
 * @throws PluginError where the plugin has no such stage
 */
export function conformance(kind: StageKind, given: StageCase, around: Surroundings): Suite {
  const bench = new Bench(kind, given, around);
  const { use } = given.stage;
  const catalog = new Catalog(bench.plugins);
  const provider = catalog.find(kind, use)?.plugin;
  if (provider !== given.plugin) {
    const { message, hint } = catalog.missing(kind, use);
    const why = provider ? `plugin "${provider.name}" does` : message;
    throw new PluginError(
      'plugin/no-such-stage',
      `Plugin "${given.plugin.name}" does not bring the ${kind} "${use}": ${why}.`,
      provider ? {} : { hint },
    );
  }
  return {
    name: `${kind} "${use}" of plugin ${given.plugin.name}`,
    checks: [...configChecks(bench), ...contracts[kind](bench), ...(given.runs === false ? [] : runChecks(bench))],
  };
}
