import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { makeFolder, writeAtomically } from '../../checkpoint/index.js';
import { loadPipeline } from '../../config/index.js';
import type { Report } from '../../report/index.js';
import { checkOutput, writing } from '../output-place.js';
import { loadOptions } from '../shell.js';
import { fileOf, writeOut } from '../trained-run.js';
import { action, type Call, examples, type Verb } from '../verb.js';

interface ReportOptions {
  readonly out: string;
  readonly svg?: string;
}

/** `auxflow report RUN...` */
export const report: Verb = (program, shell, exit) => {
  program
    .command('report')
    .summary('show runs in one HTML file')
    .description(
      'Shows runs, compared by strategy, in one HTML file that needs no network: results, learning curves, usefulness of the ' +
        'auxiliary gradients, and what the auxiliary classes hold.',
    )
    .argument('<runs...>', 'run folders, or folders that hold some')
    .addOption(new Option('--out <file>', 'the HTML file').argParser(fileOf('.html', '.htm')).default('report.html'))
    .option('--svg <folder>', 'write each figure as an SVG file, too')
    .addHelpText(
      'after',
      examples(
        'auxflow report runs/mnist-parity-maxl/001',
        'auxflow report runs --out report.html --svg figures',
        'auxflow report comparisons/mnist-parity/001 --json',
      ),
    )
    .action(action(shell, exit, writeRuns));
};

async function writeRuns({ shell, terminal, options }: Call<ReportOptions>, ...runs: string[]): Promise<number> {
  await checkOutput('--out', options.out, 'file', shell.cwd);
  if (options.svg !== undefined) await checkOutput('--svg', options.svg, 'folder', shell.cwd);
  const { figureFiles, page, report: reportOn, sectionsOf } = await import('../../report/index.js');
  const made = await reportOn(runs, {
    cwd: shell.cwd,
    load: (file) => loadPipeline(file, loadOptions(shell, {})),
    note: (line) => terminal.note(line),
  });
  const sections = sectionsOf(made);
  const out = await writeOut(shell.cwd, options.out, (path) => writeAtomically(path, [page(made, sections)]));
  const figures = options.svg === undefined ? [] : await writeFigures(shell.cwd, options.svg, figureFiles(sections));
  terminal.result({ report: out, figures, ...forMachines(made) }, () =>
    [
      ...made.notes.map((note) => `note: ${note}`),
      ...made.tasks.flatMap(({ name, differences }) =>
        differences.length > 0 ? `note: the runs of ${name} also differ in ${differences.join(', ')}` : [],
      ),
      `${made.runs.length} runs of ${made.arms.length} strategies, written to ${out}`,
      ...(figures.length > 0 ? [`${figures.length} figures written to ${join(figures[0]!, '..')}`] : []),
    ].join('\n'),
  );
  return 0;
}

/** Writes the files of `--svg`, and returns where they are, absolute. */
const writeFigures = (cwd: string, svg: string, files: ReadonlyMap<string, string>): Promise<string[]> =>
  writing('--svg', svg, async () => {
    const folder = resolve(cwd, svg);
    makeFolder(folder);
    for (const [name, text] of files) await writeAtomically(join(folder, name), [text]);
    return [...files.keys()].map((name) => join(folder, name));
  });

const forMachines = ({ runs, results, tasks, notes, folderOf }: Report) => ({
  runs: runs.map((run) => ({ folder: run.folder, status: run.status, seed: run.start.seed, name: folderOf(run) })),
  strategies: results.map(({ arm, paired, ...result }) => ({
    strategy: arm.label,
    ...result,
    paired: paired.map(({ baseline, ...one }) => ({ ...one, baseline: baseline.label })),
  })),
  tasks: tasks.map(({ name, arms, differences }) => ({
    name,
    strategies: arms.map(({ label }) => label),
    differences,
  })),
  notes,
});
