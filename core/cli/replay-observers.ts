import { loadCatalog, loadObservers, type PipelineSpec, type ResolvedStage } from '../config/index.js';
import { ConfigError } from '../errors/index.js';
import type { RunEventOf } from '../events/index.js';
import { configFile, eventLog, log, metricsTable, progress, summaryFile } from '../observers/index.js';
import { nearest } from '../plugins/index.js';
import type { Observer } from '../stages/index.js';
import { makeReplayFolder } from './replay-folder.js';
import { loadOptions } from './shell.js';
import type { CommonOptions, Terminal } from './terminal.js';
import type { Call } from './verb.js';

/** Options that say who watches a replay. */
export interface ReplayOptions {
  readonly observer: string;
  readonly pipeline?: string;
  readonly set: readonly string[];
  readonly out?: string;
}

/** Who watches a replay, and the folder that they write into, if they do; freed by the caller. */
interface Watchers extends Disposable {
  readonly observers: readonly Observer[];
  readonly out?: string;
}

/** Observers that need no plugin: those that show a run, and those that write the files of its record. */
const shows = new Map<string, (terminal: Terminal, level: string) => Observer>([
  [
    'progress',
    (terminal) =>
      progress({ stream: terminal.stderr, interactive: terminal.interactive, color: terminal.colors(terminal.stderr) }),
  ],
  ['log', ({ logger }, level) => log(logger.child({}, { level }))],
]);
const files = new Map<string, (folder: string) => Observer>([
  ['csv', metricsTable],
  ['summary', summaryFile],
  ['events', eventLog],
  ['config', configFile],
]);
export const ownObservers: readonly string[] = [...shows.keys(), ...files.keys()];

/**
 * Builds the observers that the command line names, as a run builds them.
 * @param recorded the run's folder
 * @throws ConfigError or PluginError for names and keys, and where they can't write; nothing is made then
 */
export async function watchersOf(
  { shell, terminal, options }: Call<ReplayOptions & Partial<CommonOptions>>,
  { name, seed, config }: RunEventOf<'run:start'>,
  recorded: string,
): Promise<Watchers> {
  const { observer, pipeline, set, logLevel = 'info' } = options;
  const named = pipeline === undefined ? observer : '';
  const [show, file] = [shows.get(named), files.get(named)];
  if ((show ?? file) && set.length > 0) throw refuse('--set', `the observer ${named} has no keys`);
  if (show) return { observers: [show(terminal, logLevel)], [Symbol.dispose]: () => undefined };

  const { plugins = [] } = config as PipelineSpec;
  const loading = loadOptions(shell, {});
  const stages: readonly ResolvedStage[] = file
    ? []
    : pipeline === undefined
      ? await namedStage(observer, set, plugins, loading)
      : await loadObservers(pipeline, { ...loading, set });
  if (!file && stages.length === 0) throw refuse('--pipeline', `${pipeline} names no observers`);

  const out = await makeReplayFolder({ out: options.out, name, recorded, cwd: shell.cwd });
  if (file) return { observers: [file(out)], out, [Symbol.dispose]: () => undefined };
  const { composeObservers } = await import('../pipeline/index.js');
  const { Scope } = await import('../engine/index.js');
  const scope = new Scope();
  try {
    const observers = composeObservers(stages, seed, scope, { logger: terminal.logger });
    return { observers, out, [Symbol.dispose]: () => scope[Symbol.dispose]() };
  } catch (error) {
    scope[Symbol.dispose]();
    throw error;
  }
}

/** An observer of a plugin, built-in or of the run's own; changes are its keys. */
async function namedStage(
  observer: string,
  set: readonly string[],
  plugins: readonly string[],
  loading: Parameters<typeof loadObservers>[1],
): Promise<ResolvedStage[]> {
  const names = [...ownObservers, ...(await loadCatalog({ plugins }, loading)).names('observer')];
  if (!names.includes(observer)) {
    const near = nearest(observer, names);
    const meant = near === undefined ? '' : `; did you mean "${near}"?`;
    throw refuse('--observer', `there is no observer "${observer}"${meant}`, `Known: ${names.join(', ')}.`);
  }
  const keys = set.map((change) => `observers.0.${change}`);
  return loadObservers({ plugins, observers: [{ use: observer }] }, { ...loading, set: keys });
}

const refuse = (where: string, message: string, hint?: string): ConfigError =>
  new ConfigError([{ code: 'replay/observer', path: [], where, message, hint }]);
