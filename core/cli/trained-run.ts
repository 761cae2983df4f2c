import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { makeFolder } from '../checkpoint/index.js';
import { loadPipeline } from '../config/index.js';
import type { ChosenWeights, TrainedRun } from '../trained/index.js';
import { spareInputs, writing } from './output-place.js';
import { loadOptions } from './shell.js';
import type { Call } from './verb.js';

/** Options of the verbs that work on one run. */
export interface RunOptions {
  readonly weights?: ChosenWeights;
  readonly out?: string;
  readonly set?: readonly string[];
}

export const runArgument = ['<run>', 'run folder, or NAME/NNN below runs'] as const;

/** `--weights` */
export const weightsOption = (): Option =>
  new Option('--weights <which>', 'of the last epoch, or of the one that validation selected')
    .choices(['last', 'selected'])
    .default('last');

/** `--out`, a file of one of these kinds. */
export const outOption = (...endings: readonly string[]): Option =>
  new Option('--out <file>', `write to this file instead: ${endings.join(' or ')}`).argParser(fileOf(...endings));

/** Takes a file of one of these kinds. */
export const fileOf =
  (...endings: readonly string[]) =>
  (file: string): string => {
    if (endings.includes(extname(file).toLowerCase())) return file;
    throw new InvalidArgumentError(`Expected a file that ends in ${endings.join(' or ')}.`);
  };

/**
 * Opens a run as it was, or with the changes of `--set`; it belongs to the caller.
 * @throws ConfigError where `--out` is what its dataset reads
 */
export async function open({ shell, options }: Call<RunOptions>, run: string): Promise<TrainedRun> {
  const { openRun } = await import('../trained/index.js');
  const { weights, out, set = [] } = options;
  return openRun(run, {
    cwd: shell.cwd,
    ...(weights && { weights }),
    load: async (file) => {
      const pipeline = await loadPipeline(file, loadOptions(shell, { set }));
      if (out !== undefined) await spareInputs('--out', out, pathsIn(pipeline.stages.dataset.config), shell.cwd);
      return pipeline;
    },
  });
}

/** The absolute paths in a stage's configuration. */
function pathsIn(value: unknown): string[] {
  if (typeof value === 'string') return isAbsolute(value) ? [value] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

/**
 * Writes the file of `--out`, its folder made.
 * @returns where it is, absolute
 * @throws ConfigError where the system refuses
 */
export async function writeOut(cwd: string, file: string, write: (path: string) => Promise<unknown>): Promise<string> {
  const path = resolve(cwd, file);
  await writing('--out', file, async () => {
    makeFolder(dirname(path));
    await write(path);
  });
  return path;
}
