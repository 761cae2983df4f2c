import { join, resolve } from 'node:path';
import { Option } from 'commander';
import { checkOutput, writing } from '../output-place.js';
import { action, type Call, examples, type Verb } from '../verb.js';
import { open, runArgument, type RunOptions, weightsOption } from '../trained-run.js';

interface ExportOptions extends RunOptions {
  readonly format: 'tfjs' | 'safetensors';
}

/** `auxflow export RUN` */
export const exportVerb: Verb = (program, shell, exit) => {
  program
    .command('export')
    .summary("write a run's network for use without auxflow")
    .description('Writes the primary network of a run, trunk and head, as it is in evaluation.')
    .argument(...runArgument)
    .addOption(
      new Option('--format <format>', 'a layers model for any tfjs, browsers too; or weights by name for Python')
        .choices(['tfjs', 'safetensors'])
        .default('tfjs'),
    )
    .option('--out <folder>', "where to; by default `export` in the run's folder")
    .addOption(weightsOption())
    .addHelpText(
      'after',
      examples(
        'auxflow export mnist-parity-maxl/001',
        'auxflow export runs/mnist-parity-maxl/001 --format safetensors --out model',
      ),
    )
    .action(action(shell, exit, exportRun));
};

async function exportRun(call: Call<ExportOptions>, name: string): Promise<number> {
  const { shell, terminal, options } = call;
  if (options.out !== undefined) await checkOutput('--out', options.out, 'folder', shell.cwd);
  const { exportLayersModel, exportSafetensors } = await import('../../trained/index.js');
  using run = await open(call, name);
  const folder = options.out === undefined ? join(run.folder, 'export') : resolve(shell.cwd, options.out);
  const write = options.format === 'tfjs' ? exportLayersModel : exportSafetensors;
  const exported = await writing('--out', options.out ?? folder, () => write(run, folder));
  terminal.result(exported, () =>
    [
      ...(exported.difference === undefined
        ? []
        : [`agrees with auxflow on test samples to ${exported.difference.toExponential(1)}`]),
      ...exported.files.map((file) => `written to ${file}`),
    ].join('\n'),
  );
  return 0;
}
