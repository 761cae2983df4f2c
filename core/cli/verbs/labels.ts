import { extname } from 'node:path';
import { checkOutput } from '../output-place.js';
import { open, outOption, runArgument, type RunOptions, writeOut } from '../trained-run.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow labels RUN` */
export const labels: Verb = (program, shell, exit) => {
  program
    .command('labels')
    .summary("list the auxiliary labels of a run's training samples")
    .description(
      'Lists for each training sample its index, its primary class, the class that people gave it where the dataset has a finer ' +
        'level, the likeliest auxiliary class, the weight where the strategy learns one, and the share of every class; CSV, or JSON by --json.',
    )
    .argument(...runArgument)
    .addOption(outOption('.csv', '.parquet'))
    .addHelpText(
      'after',
      examples('auxflow labels mnist-parity-maxl/001', 'auxflow labels runs/flowers/002 --out labels.parquet'),
    )
    .action(action(shell, exit, listLabels));
};

async function listLabels(call: Call<RunOptions>, name: string): Promise<number> {
  const { shell, terminal, options } = call;
  if (options.out !== undefined) await checkOutput('--out', options.out, 'file', shell.cwd);
  const { labelCsv, labelTable, writeLabelParquet } = await import('../../trained/index.js');
  const { writeAtomically } = await import('../../checkpoint/index.js');
  using run = await open(call, name);
  const table = await labelTable(run);
  const samples = table.primary.length;
  if (options.out === undefined) {
    terminal.result(
      {
        ...table,
        auxiliary: [...table.auxiliary],
        ...(table.weight && { weight: [...table.weight] }),
        shares: table.shares.map((column) => [...column]),
      },
      () => labelCsv(table),
    );
    return 0;
  }
  const parquet = extname(options.out).toLowerCase() === '.parquet';
  const out = await writeOut(shell.cwd, options.out, (path) =>
    parquet ? writeLabelParquet(path, table) : writeAtomically(path, [labelCsv(table)]),
  );
  terminal.result({ file: out, samples }, () => `${samples} samples written to ${out}`);
  return 0;
}
