import { join } from 'node:path';
import type { Variables } from '../autodiff/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { Scope } from '../engine/index.js';
import { compose } from '../pipeline/index.js';
import type { Composition } from '../pipeline/index.js';
import { findRun } from './find-run.js';
import { labeller, type Labeller } from './labeller.js';
import { restoreLabels } from './restore-labels.js';
import { readWeights } from './saved-weights.js';

/** Which of theta1's weights: those of the last epoch, or those of the epoch that validation selected. */
export type ChosenWeights = 'last' | 'selected';

export interface OpenOptions {
  /** What a relative run folder counts from. */
  readonly cwd: string;
  /** Of the last epoch by default. */
  readonly weights?: ChosenWeights;
  /** Reads the run's `config.yaml`, with the changes that are wanted. */
  readonly load: (file: string) => Promise<ResolvedPipeline>;
}

/** A run that has ended: its dataset and networks composed anew, at the weights it saved. */
export interface TrainedRun extends Disposable {
  readonly folder: string;
  readonly composition: Composition;
  /** The main network's weights, owned by the run. */
  readonly theta1: Variables;
  /**
   * Labels samples as the run's strategy did in the end, for as long as the run is open.
   * @throws DataError where what it needs for that isn't there any more
   */
  labeller(): Promise<Labeller>;
}

/**
 * Opens a run by its folder, or by `NAME/NNN` below `runs`; it belongs to the caller.
 * @throws DataError where folder or weights aren't there or don't fit the pipeline; ConfigError or PluginError where that
 *   can't be composed any more
 */
export async function openRun(run: string, { cwd, weights = 'last', load }: OpenOptions): Promise<TrainedRun> {
  const folder = await findRun(run, cwd);
  const pipeline = await load(join(folder, 'config.yaml'));
  const scope = new Scope();
  try {
    const composition = scope.own(await compose(pipeline));
    const fresh = composition.state.theta1.variables;
    return {
      folder,
      composition,
      theta1: await readWeights(folder, weights === 'last' ? 'theta1' : 'theta1-selected', fresh, scope),
      labeller: async () => labeller(composition.labels, await restoreLabels(composition, folder, scope)),
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}
