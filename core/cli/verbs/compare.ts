import { join, resolve } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import type { Budget, CompareOptions, TrialRecord, Variant } from '../../compare/index.js';
import { scoreOf, validationScore } from '../../events/index.js';
import { loadPipeline, showPipeline, type PipelineSpec } from '../../config/index.js';
import { exitCodes } from '../failure.js';
import { checkOutput } from '../output-place.js';
import { loadOptions, type Shell } from '../shell.js';
import { StopSignals } from '../stop-signals.js';
import { action, type Call, examples, seedOf, setOption, type Verb } from '../verb.js';

interface ComparisonOptions {
  readonly set: readonly string[];
  readonly strategies: readonly string[];
  readonly variant: readonly string[];
  readonly seeds: readonly number[];
  readonly budget: Budget;
  readonly search?: string;
  readonly trials: number;
  readonly searchSeeds: readonly number[];
  readonly controls: boolean;
  readonly jobs: number;
  readonly out?: string;
  /** Where a child writes what its one run gave. */
  readonly trial?: string;
}

/** `auxflow compare FILE` */
export const compare: Verb = (program, shell, exit) => {
  program
    .command('compare')
    .summary('compare strategies over seeds, on the same budget')
    .description(
      'Trains variants of a pipeline on the same seeds and the same budget, each run in a process of its own, and tells how ' +
        'they differ and how sure that is. A comparison that was stopped goes on with --out and its folder.',
    )
    .argument('<file>', 'pipeline file')
    .option('--strategies <names>', 'values of auxiliary.use; by default the one of the pipeline', names, [])
    .addOption(
      new Option('--variant <text>', 'a variant with changes: "label: key=value key=value"; may be repeated')
        .argParser((value: string, all: string[]) => [...all, value])
        .default([], 'none'),
    )
    .option('--no-controls', 'leave out the variants that every comparison carries along')
    .addOption(
      new Option('--seeds <numbers>', 'a run of each variant for each seed, such as 1,2,3 or 1-5')
        .argParser(seeds)
        .default([1, 2, 3]),
    )
    .addOption(
      new Option('--budget <kind>', 'what each variant gets the same of')
        .choices(['steps', 'batches', 'time'] satisfies Budget[])
        .default('steps'),
    )
    .option('--search <file>', 'choose settings on validation data: a YAML file of keys with lists or ranges')
    .addOption(
      new Option('--trials <number>', 'different settings tried for each variant at most')
        .argParser(positive)
        .default(10),
    )
    .addOption(new Option('--search-seeds <numbers>', 'seeds of the search').argParser(seeds).default([1001]))
    .addOption(setOption())
    .addOption(new Option('--jobs <number>', 'runs at once').argParser(positive).default(1))
    .option('--out <folder>', 'folder of the comparison; what it holds already is not run again')
    .addOption(new Option('--trial <file>').hideHelp())
    .addHelpText(
      'after',
      examples(
        'auxflow compare pipelines/quickstart.yaml --seeds 1,2,3,4,5',
        'auxflow compare a.yaml --strategies maxl,random-labels --budget time --set epochs=5',
        'auxflow compare a.yaml --variant "even: auxiliary.entropyWeight=1" --search space.yaml --set dataset.validation=500',
      ),
    )
    .action(action(shell, exit, compareFile));
};

async function compareFile(call: Call<ComparisonOptions>, file: string): Promise<number> {
  const { shell, terminal, options } = call;
  if (options.trial !== undefined) return trial(call, file, options.trial);
  await checkOutput('--out', options.out ?? folderOfAll, 'folder', shell.cwd);
  const { compare: run, formatComparison, inChildProcess, readSpace } = await import('../../compare/index.js');

  const spec = await specOf(shell, file, options.set);
  const load = (set: readonly string[]) => loadPipeline(spec, loadOptions(shell, { set }));
  const variants = await variantsOf(options, spec);
  const space = options.search === undefined ? undefined : await readSpace(options.search, shell.cwd);
  const name = spec.name!;
  using stop = new StopSignals(shell.process, (signal) =>
    terminal.note(`${signal}: stopping after this step; once more ends at once`),
  );
  const comparison = await run({
    name,
    openFolder: () => openFolder(shell, options.out, name),
    load,
    controls: options.controls ? shell.controls : [],
    variants,
    ...(shell.defaults.metaStep && { idle: `metaStep=${JSON.stringify(shell.defaults.metaStep)}` }),
    select: !options.set.some((change) => /^evaluation\b/.test(change)),
    seeds: options.seeds,
    budget: options.budget,
    ...(space && { search: { space, trials: options.trials, seeds: options.searchSeeds } }),
    jobs: options.jobs,
    launch: inChildProcess(shell),
    signal: stop.signal,
    note: (line) => terminal.note(line),
    progress: (...over) => terminal.note(progressLine(...over)),
  });
  terminal.result(comparison, () => `${formatComparison(comparison)}\nwritten to ${comparison.directory}`);
  const complete = comparison.variants.every(({ missing }) => missing.length === 0);
  return stop.exitCode ?? (complete ? 0 : exitCodes.runFailed);
}

/** Where comparisons go that are given no folder of their own. */
const folderOfAll = 'comparisons';

async function openFolder({ cwd }: Shell, out: string | undefined, name: string): Promise<string> {
  const { createRunFolder, makeFolder } = await import('../../checkpoint/index.js');
  if (out === undefined) return createRunFolder(join(cwd, folderOfAll), name);
  const folder = resolve(cwd, out);
  makeFolder(folder);
  return folder;
}

/** The pipeline with everything filled in, so that a variant's changes come on top of those of `--set`. */
async function specOf(shell: Shell, file: string, set: readonly string[]): Promise<PipelineSpec> {
  const changes = ['evaluation.lastEpochs=5', ...set];
  const { auxiliaryLoss, ...spec } = showPipeline(await loadPipeline(file, loadOptions(shell, { set: changes })));
  // One that follows the primary task's loss goes on to do so.
  return JSON.stringify(auxiliaryLoss) === JSON.stringify(spec.loss)
    ? spec
    : { ...spec, auxiliaryLoss: auxiliaryLoss! };
}

async function variantsOf({ strategies, variant }: ComparisonOptions, spec: PipelineSpec): Promise<Variant[]> {
  const { parseVariant, strategyVariant } = await import('../../compare/index.js');
  const named = [...strategies.map(strategyVariant), ...variant.map(parseVariant)];
  return named.length > 0 ? named : [strategyVariant(spec.auxiliary!.use)];
}

/** The part that a process of its own does. It stops when its standard input ends, and leaves Ctrl-C to its parent. */
async function trial({ shell, terminal }: Call<ComparisonOptions>, file: string, recordFile: string): Promise<number> {
  const { runTrial } = await import('../../compare/index.js');
  const stop = new AbortController();
  const ignore = (): void => undefined;
  shell.process.on('SIGINT', ignore);
  process.stdin.resume().once('close', () => stop.abort('the comparison was stopped'));
  try {
    const pipeline = await loadPipeline(file, loadOptions(shell, {}));
    await runTrial(pipeline, recordFile, { signal: stop.signal, logger: terminal.logger });
    return 0;
  } finally {
    shell.process.off('SIGINT', ignore);
    process.stdin.destroy();
  }
}

/** `3/20  maxl, seed 2  97.50%  30 s  412 MB` */
function progressLine(
  { purpose, variant, seed }: Parameters<CompareOptions['progress']>[0],
  record: TrialRecord,
  done: number,
  of: number,
): string {
  const about = `${done}/${of}  ${purpose === 'final' ? '' : `${purpose}, `}${variant}, seed ${seed}`;
  if (record.status === 'failed') return `${about}  failed: ${record.reason}`;
  const { summary, peakBytes } = record;
  const { kind, value } = purpose === 'search' ? validationScore(summary.metrics)! : scoreOf(summary.test);
  const seconds = (summary.durationMs / 1000).toFixed(1);
  return `${about}  ${kind.percent ? '' : `${kind.name} `}${kind.write(value, 2)}  ${seconds} s  ${Math.round(peakBytes / 2 ** 20)} MB`;
}

function names(text: string): string[] {
  const all = text.split(',').map((item) => item.trim());
  if (all.includes('')) throw new InvalidArgumentError('Expected names separated by commas.');
  const twice = all.find((name, i) => all.indexOf(name) < i);
  if (twice !== undefined) throw new InvalidArgumentError(`Expected each name once; "${twice}" is there twice.`);
  return all;
}

/** More seeds than anyone trains, so that a slip of the finger makes no endless list. */
const mostSeeds = 1000;

/** `1,2,5` or `1-5`, and both together. */
function seeds(text: string): number[] {
  const all = text.split(',').flatMap((item) => {
    const [, low, high] = /^\s*(\d+)(?:\s*-\s*(\d+))?\s*$/.exec(item) ?? [];
    if (low === undefined)
      throw new InvalidArgumentError('Expected numbers separated by commas, or ranges such as 1-5.');
    const [from, to] = [seedOf(low), seedOf(high ?? low)];
    if (from > to) throw new InvalidArgumentError(`Expected a range from low to high, such as ${to}-${from}.`);
    if (to - from >= mostSeeds) throw new InvalidArgumentError(`Expected at most ${mostSeeds} seeds.`);
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
  if (new Set(all).size < all.length) throw new InvalidArgumentError('Expected each seed once.');
  return all;
}

function positive(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected an integer of at least 1.');
}
