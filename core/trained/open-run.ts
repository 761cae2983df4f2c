import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Params, Variables } from '../autodiff/index.js';
import { readSafetensors } from '../checkpoint/index.js';
import type { ResolvedPipeline } from '../config/index.js';
import { Scope } from '../engine/index.js';
import { DataError } from '../errors/index.js';
import { compose } from '../pipeline/index.js';
import type { Composition } from '../pipeline/index.js';
import { misfits, some } from '../weights/index.js';
import { findRun } from './find-run.js';

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
  /** Reads the label network's, owned by the run; `undefined` where the strategy has none. */
  readTheta2(): Promise<Variables | undefined>;
}

const absent = {
  theta1: 'A run writes its weights when it ends.',
  'theta1-selected':
    'A run has them where its pipeline says `evaluation: { select: validation }`; --weights last needs none.',
  theta2: 'A run writes its weights when it ends.',
};

/**
 * Opens a run by its folder, or by `NAME/NNN` below `runs`; it belongs to the caller.
 * @throws DataError where folder or weights aren't there or don't fit the pipeline; ConfigError or PluginError where that
 *   can't be composed any more
 */
export async function openRun(run: string, { cwd, weights = 'last', load }: OpenOptions): Promise<TrainedRun> {
  const folder = await findRun(run, cwd);
  const pipeline = await load(join(folder, 'config.yaml'));
  const scope = new Scope();
  const read = async (name: keyof typeof absent, like: Variables): Promise<Variables> => {
    const file = join(folder, 'weights', `${name}.safetensors`);
    if (!existsSync(file)) throw new DataError('run/no-weights', `there is no ${file}`, { hint: absent[name] });
    return readWeights(file, like, scope);
  };
  try {
    const composition = scope.own(await compose(pipeline));
    const { theta1, theta2 } = composition.state;
    return {
      folder,
      composition,
      theta1: await read(weights === 'last' ? 'theta1' : 'theta1-selected', theta1.variables),
      readTheta2: async () => theta2 && read('theta2', theta2.variables),
      [Symbol.dispose]: () => scope[Symbol.dispose](),
    };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}

/** A file's tensors, owned by `scope`, as the variables of a network. */
async function readWeights(file: string, like: Variables, scope: Scope): Promise<Variables> {
  const { tensors } = await readSafetensors(file);
  for (const tensor of Object.values(tensors)) scope.own(tensor);
  const faults = misfits(tensors, { ...like.params, ...like.state });
  if (faults.length > 0) {
    throw new DataError('run/other-weights', `${file} doesn't fit the run's own pipeline:\n  ${some(faults)}`, {
      hint: 'Has config.yaml been edited, or has --set changed more than the data?',
    });
  }
  const take = (wanted: Params): Params =>
    Object.fromEntries(Object.keys(wanted).map((name) => [name, tensors[name]!]));
  return { params: take(like.params), state: take(like.state) };
}
