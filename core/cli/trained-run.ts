import { mkdir } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { loadPipeline } from '../config/index.js';
import type { ChosenWeights, TrainedRun } from '../trained/index.js';
import { loadOptions } from './shell.js';
import type { Call } from './verb.js';

/** Options of the verbs that work on one run. */
export interface RunOptions {
  readonly weights?: ChosenWeights;
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
  new Option('--out <file>', `write to this file instead: ${endings.join(' or ')}`).argParser((file: string) => {
    if (endings.includes(extname(file).toLowerCase())) return file;
    throw new InvalidArgumentError(`Expected a file that ends in ${endings.join(' or ')}.`);
  });

/** Opens a run as it was, or with the changes of `--set`; it belongs to the caller. */
export async function open({ shell, options }: Call<RunOptions>, run: string): Promise<TrainedRun> {
  const { openRun } = await import('../trained/index.js');
  const { weights, set = [] } = options;
  return openRun(run, {
    cwd: shell.cwd,
    ...(weights && { weights }),
    load: (file) => loadPipeline(file, loadOptions(shell, { set })),
  });
}

/** A file of the command line with its folder made, absolute. */
export async function placeFor(cwd: string, file: string): Promise<string> {
  const path = resolve(cwd, file);
  await mkdir(dirname(path), { recursive: true });
  return path;
}
