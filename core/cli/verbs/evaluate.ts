import { Option } from 'commander';
import type { ClassEvaluation, NumberEvaluation, SplitName } from '../../trained/index.js';
import { open, runArgument, type RunOptions, weightsOption } from '../trained-run.js';
import { tableLines } from '../table.js';
import { action, type Call, examples, setOption, type Verb } from '../verb.js';

interface EvaluateOptions extends RunOptions {
  readonly dataset?: string;
  readonly split: SplitName;
}

/** Classes up to which the confusion matrix is printed. */
const matrixLimit = 20;

/** `auxflow evaluate RUN` */
export const evaluate: Verb = (program, shell, exit) => {
  program
    .command('evaluate')
    .summary('score a run on one of its splits, class by class')
    .description('Scores the primary task of a run by its saved weights, as the run itself does.')
    .argument(...runArgument)
    .addOption(
      new Option('--split <split>', 'samples to score').choices(['test', 'validation', 'train']).default('test'),
    )
    .option(
      '--dataset <dataset>',
      'score on another dataset of the same inputs and classes: its name, or a map of its keys',
    )
    .addOption(weightsOption())
    .addOption(setOption())
    .addHelpText(
      'after',
      examples(
        'auxflow evaluate mnist-parity-maxl/001',
        'auxflow evaluate runs/flowers/002 --split validation --weights selected --json',
        'auxflow evaluate runs/flowers/002 --set dataset.splits.test=other-photographs',
        'auxflow evaluate digits/001 --dataset idx --set dataset.path=other-digits',
      ),
    )
    .action(action(shell, exit, evaluateOne));
};

async function evaluateOne(call: Call<EvaluateOptions>, name: string): Promise<number> {
  const { evaluateRun } = await import('../../trained/index.js');
  const { dataset, set = [] } = call.options;
  using run = await open({ ...call, options: { ...call.options, set: [...inPlaceOf(dataset), ...set] } }, name);
  const evaluation = evaluateRun(run, call.options.split);
  call.terminal.result(evaluation, () => ('r2' in evaluation ? numberText(evaluation) : classText(evaluation)));
  return 0;
}

/** The change of the pipeline that `--dataset` is: what `set` says comes on top. */
function inPlaceOf(dataset: string | undefined): string[] {
  if (dataset === undefined) return [];
  return [dataset.trim().startsWith('{') ? `dataset=${dataset}` : `dataset.use=${dataset}`];
}

const numberText = ({ split, samples, loss, target, r2, rmse, mae }: NumberEvaluation): string =>
  [
    `${split}: R² ${r2.toFixed(4)}, loss ${loss.toFixed(4)}, ${samples} samples`,
    `${target}: RMSE ${Number(rmse.toPrecision(5))}, MAE ${Number(mae.toPrecision(5))}`,
  ].join('\n');

function classText({ split, samples, accuracy, loss, classes, confusion }: ClassEvaluation): string {
  const share = (value: number | null): string => (value === null ? '-' : value.toFixed(4));
  const scores = [
    ['class', 'precision', 'recall', 'F1', 'support'],
    ...classes.map(({ name, precision, recall, f1, support }) => [
      name,
      ...[precision, recall, f1].map(share),
      String(support),
    ]),
  ];
  const matrix = [
    ['is \\ predicted', ...classes.map(({ name }) => name)],
    ...classes.map(({ name }, k) => [name, ...confusion[k]!.map(String)]),
  ];
  return [
    `${split}: accuracy ${(100 * accuracy).toFixed(2)}%, loss ${loss.toFixed(4)}, ${samples} samples`,
    '',
    ...tableLines(scores, 1),
    '',
    ...(classes.length > matrixLimit ? ['The confusion matrix is in the output of --json.'] : tableLines(matrix, 1)),
  ].join('\n');
}
