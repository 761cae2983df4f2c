import { extname, resolve } from 'node:path';
import type { Prediction } from '../../trained/index.js';
import { checkOutput, spareInputs } from '../output-place.js';
import { open, outOption, runArgument, type RunOptions, weightsOption, writeOut } from '../trained-run.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow predict RUN FILE...` */
export const predict: Verb = (program, shell, exit) => {
  program
    .command('predict')
    .summary("ask a run's network for the classes of files, or the numbers")
    .description(
      'Says which primary class a run sees in files, and how probable it holds each, or which number it predicts; CSV, or JSON by --json.',
    )
    .argument(...runArgument)
    .argument('<files...>', "images (PNG, JPEG, WebP), or what else the run's dataset reads")
    .addOption(outOption('.csv', '.json'))
    .addOption(weightsOption())
    .addHelpText(
      'after',
      examples(
        'auxflow predict mnist-parity-maxl/001 digit.png',
        'auxflow predict runs/flowers/002 photographs/*.jpg --out classes.csv',
      ),
    )
    .action(action(shell, exit, predictFiles));
};

async function predictFiles(call: Call<RunOptions>, name: string, ...files: string[]): Promise<number> {
  const { csv, predictFile } = await import('../../trained/index.js');
  const { writeAtomically } = await import('../../checkpoint/index.js');
  const { shell, terminal, options } = call;
  const places = files.map((file) => resolve(shell.cwd, file));
  if (options.out !== undefined) {
    await checkOutput('--out', options.out, 'file', shell.cwd);
    await spareInputs('--out', options.out, places, shell.cwd);
  }
  using run = await open(call, name);
  const { dataset } = run.composition;
  const { target, levels, primary } = dataset;
  const { classes } = levels[primary]!;
  const predictions: Prediction[] = [];
  for (const [n, place] of places.entries()) predictions.push(...(await predictFile(run, place, files[n])));

  const json = { ...(target ? { target: target.name } : { classes }), predictions };
  const table = (): string =>
    csv([
      target ? ['sample', target.name] : ['sample', 'class', ...classes],
      ...predictions.map((found) =>
        'value' in found ? [found.sample, found.value] : [found.sample, found.class, ...found.probabilities],
      ),
    ]);
  if (options.out === undefined) {
    terminal.result(json, table);
    return 0;
  }
  const text = extname(options.out).toLowerCase() === '.json' ? `${JSON.stringify(json, undefined, 2)}\n` : table();
  const out = await writeOut(shell.cwd, options.out, (path) => writeAtomically(path, [text]));
  terminal.result({ file: out, samples: predictions.length }, () => `${predictions.length} samples written to ${out}`);
  return 0;
}
