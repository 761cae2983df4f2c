import type { Variant } from '../compare/index.js';
import type { LoadOptions, PipelineSpec } from '../config/index.js';
import type * as Pipeline from '../pipeline/index.js';
import type { Plugin } from '../plugins/index.js';

/** What the package's entry gives the command line, and what tests replace. */
export interface ShellOptions {
  /** The built-in plugins. */
  readonly plugins: readonly Plugin[];
  /** What a pipeline has where it says nothing. */
  readonly defaults?: Omit<PipelineSpec, 'extends'>;
  /** Variants that every comparison carries along, to compare the others to. */
  readonly controls?: readonly Variant[];
  readonly cwd?: string;
  readonly stdout?: Output;
  readonly stderr?: Output;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where signals arrive, and how the process ends at the second one. */
  readonly process?: SignalSource;
  readonly pipeline?: () => Promise<Pick<typeof Pipeline, 'run' | 'dryRun'>>;
  /** A pipeline file for verbs that can do without one of the user's. */
  readonly example?: string;
  /** The command that started this program, for work that wants a process of its own. */
  readonly command?: readonly [string, ...string[]];
}
export type Output = NodeJS.WritableStream & { readonly isTTY?: boolean };
export type StopSignal = 'SIGINT' | 'SIGTERM';
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  exit(code: number): void;
}
export type Shell = Required<ShellOptions>;

/** The process itself wherever nothing else is given. The pipeline is imported late: only `run` and `validate` need the engine. */
export const shellOf = (options: ShellOptions): Shell => ({
  defaults: {},
  controls: [],
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  process,
  example: 'pipelines/quickstart.yaml',
  command: [process.execPath, ...process.execArgv, process.argv[1]!],
  pipeline: () => import('../pipeline/index.js'),
  ...options,
});

/** Options by which the command line changes a pipeline. */
export interface ChangeOptions {
  readonly set?: readonly string[];
  readonly seed?: number;
  readonly runs?: string;
}

/** How pipelines are loaded from the command line. */
export const loadOptions = (
  { plugins, defaults, cwd }: Shell,
  { set = [], seed, runs }: ChangeOptions,
): LoadOptions => ({
  plugins,
  defaults,
  cwd,
  set,
  changes: { ...(seed === undefined ? {} : { seed }), ...(runs === undefined ? {} : { runs }) },
});
