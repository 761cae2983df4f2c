import { exitCodes } from '../failure.js';
import { action, type Call, examples, type Verb } from '../verb.js';

/** `auxflow doctor` */
export const doctor: Verb = (program, shell, exit) => {
  program
    .command('doctor')
    .summary('examine the engine')
    .description('Reports Node, engine, TensorFlow and threads, and tests that the engine computes right.')
    .addHelpText('after', examples('auxflow doctor', 'auxflow doctor --json'))
    .action(action(shell, exit, examine));
};

async function examine({ terminal }: Call<object>): Promise<number> {
  const { doctor, formatDoctor } = await import('../../engine/index.js');
  const report = doctor();
  terminal.result(report, () => formatDoctor(report));
  return report.healthy ? 0 : exitCodes.runFailed;
}
