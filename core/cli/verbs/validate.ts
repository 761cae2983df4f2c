import { loadPipeline } from '../../config/index.js';
import type { DryRunReport } from '../../pipeline/index.js';
import { loadOptions, type ChangeOptions } from '../shell.js';
import { action, type Call, changes, examples, type Verb } from '../verb.js';

/** `auxflow validate FILE` */
export const validate: Verb = (program, shell, exit) => {
  changes(program.command('validate'))
    .summary('check a pipeline without training it')
    .description('Checks a pipeline, builds all its stages and takes one batch through them, without training.')
    .argument('<file>', 'pipeline file')
    .addHelpText(
      'after',
      examples('auxflow validate pipelines/quickstart.yaml', 'auxflow validate a.yaml --set model.use=vgg16 --json'),
    )
    .action(action(shell, exit, validateFile));
};

async function validateFile({ shell, terminal, options }: Call<ChangeOptions>, file: string): Promise<number> {
  const pipeline = await loadPipeline(file, loadOptions(shell, options));
  const report = await (await shell.pipeline()).dryRun(pipeline, { logger: terminal.logger });
  terminal.result({ file, valid: true, ...report }, () => [`${file} is valid`, ...rows(report)].join('\n'));
  for (const { code, message, hint } of report.warnings)
    terminal.note(`warning: ${message} (${code})${hint === undefined ? '' : `\n  ${hint}`}`);
  return 0;
}

function rows({ dataset, parameters, labelParameters, passes }: DryRunReport): string[] {
  const { name, inputShape, trainSamples, validationSamples, testSamples, primary, primaryClasses } = dataset;
  const samples = [
    `${trainSamples} train`,
    ...(validationSamples > 0 ? [`${validationSamples} validation`] : []),
    `${testSamples} test`,
  ];
  const row = (label: string, value: string): string => `  ${label.padEnd(12)}${value}`;
  return [
    row('dataset', `${name}, ${samples.join(', ')}, inputs ${inputShape.join('x')}`),
    row('primary', `${primary}, ${primaryClasses.length > 0 ? `${primaryClasses.length} classes` : 'a number'}`),
    row(
      'parameters',
      labelParameters === undefined ? `${parameters}` : `${parameters}, label network ${labelParameters}`,
    ),
    ...passes.flatMap((pass) => pass.measurements.map((measured) => row(pass.name, numbers(measured)))),
  ];
}

/** `primaryLoss 0.693, auxiliaryLoss 1.609` */
const numbers = (measured: object): string =>
  Object.entries(measured)
    .flatMap(([key, value]) => (typeof value === 'number' ? `${key} ${Number(value.toPrecision(4))}` : []))
    .join(', ');
