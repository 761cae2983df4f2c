import { loadPipeline } from '../core/config/index.js';
import type { Plugin } from '../core/plugins/index.js';
import { openRun as openRunWith } from '../core/trained/index.js';
import type { ChosenWeights, TrainedRun } from '../core/trained/index.js';
import { builtIn, defaults } from './built-in.js';

export interface OpenOptions {
  /** Of the last epoch by default. */
  readonly weights?: ChosenWeights;
  /** Those that the run was given as values. */
  readonly plugins?: readonly Plugin[];
  /** Changes of the run's pipeline, such as `dataset.path=elsewhere`. */
  readonly set?: readonly string[];
  /** What a relative run folder counts from; the working directory by default. */
  readonly cwd?: string;
}

/**
 * Opens a run that has ended, to ask its network, score or export it: by its folder, or by `NAME/NNN` below `runs`. Its dataset is
 * loaded again. It belongs to the caller.
 * @example
 * using run = await openRun('mine/001');
 * console.log(await predictFile(run, 'digit.png'));
 * @throws DataError where folder or weights aren't there or don't fit the pipeline; ConfigError or PluginError where that
 *   can't be composed any more
 */
export function openRun(
  run: string,
  { plugins = [], set = [], cwd = process.cwd(), ...options }: OpenOptions = {},
): Promise<TrainedRun> {
  const load = (file: string) => loadPipeline(file, { plugins: [...builtIn, ...plugins], defaults, set });
  return openRunWith(run, { cwd, load, ...options });
}
