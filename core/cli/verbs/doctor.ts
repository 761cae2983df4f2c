import { Option } from 'commander';
import { exitCodes } from '../failure.js';
import { compareGradients, formatComparison, writeGradient } from '../gradients.js';
import type { GradientOptions } from '../gradients.js';
import { action, type Call, changes, examples, type Verb } from '../verb.js';

interface DoctorOptions extends GradientOptions {
  readonly gradients?: boolean;
  readonly method?: string;
  readonly output?: string;
}

/** `auxflow doctor` */
export const doctor: Verb = (program, shell, exit) => {
  changes(program.command('doctor'))
    .summary('examine the engine, or the ways to a meta-gradient')
    .description(
      'Reports Node, engine, TensorFlow and threads, and tests that the engine computes right. With --gradients: compares ' +
        "the methods by which a pipeline's meta-gradient can be computed, each in a process of its own.",
    )
    .option('--gradients', 'compare the methods of the meta-gradient: cosine, norm ratio, time and peak memory')
    .option('--pipeline <file>', 'the pipeline to compare them on; the quickstart by default')
    .addOption(new Option('--method <name>').hideHelp())
    .addOption(new Option('--output <folder>').hideHelp())
    .addHelpText(
      'after',
      examples(
        'auxflow doctor',
        'auxflow doctor --gradients',
        'auxflow doctor --gradients --pipeline mine.yaml --json',
      ),
    )
    .action(action(shell, exit, examine));
};

async function examine(call: Call<DoctorOptions>): Promise<number> {
  const { terminal, options, shell } = call;
  if (options.method !== undefined && options.output !== undefined) {
    await writeGradient(shell, options, options.method, options.output);
    return 0;
  }
  if (options.gradients) {
    const report = await compareGradients(shell, options, (line) => terminal.note(line));
    terminal.result(report, () => formatComparison(report));
    return report.methods.some(({ error }) => error === undefined) ? 0 : exitCodes.runFailed;
  }
  const { doctor, formatDoctor } = await import('../../engine/index.js');
  const report = doctor();
  terminal.result(report, () => formatDoctor(report));
  return report.healthy ? 0 : exitCodes.runFailed;
}
