import { Command, CommanderError, Option } from 'commander';
import { exitCodes, exitCodeOf, failureReport, failureText } from './failure.js';
import { Outputs } from './outputs.js';
import { shellOf, type Shell, type ShellOptions } from './shell.js';
import { examples } from './verb.js';
import { createPlugin } from './verbs/create-plugin.js';
import { data } from './verbs/data.js';
import { compare } from './verbs/compare.js';
import { doctor } from './verbs/doctor.js';
import { evaluate } from './verbs/evaluate.js';
import { exportVerb } from './verbs/export.js';
import { labels } from './verbs/labels.js';
import { plugins } from './verbs/plugins.js';
import { predict } from './verbs/predict.js';
import { report } from './verbs/report.js';
import { run } from './verbs/run.js';
import { schema } from './verbs/schema.js';
import { show } from './verbs/show.js';
import { validate } from './verbs/validate.js';

const verbs = [
  run,
  compare,
  validate,
  show,
  schema,
  plugins,
  createPlugin,
  data,
  doctor,
  report,
  evaluate,
  predict,
  labels,
  exportVerb,
];

/**
 * The command line: never throws and never exits by itself.
 * @param argv arguments after `node` and the script: `['run', 'pipelines/quickstart.yaml']`.
 * @returns the exit code: 0, 1 (run failed), 2 (pipeline, plugin, data or usage at fault), 130 (SIGINT), 143 (SIGTERM).
 */
export async function main(argv: readonly string[], options: ShellOptions): Promise<number> {
  const shell = shellOf(options);
  const json = argv.includes('--json');
  let code = 0;
  const program = programOf(shell, json, (exit) => (code = exit));
  const outputs = new Outputs(shell);
  try {
    await program.parseAsync(argv, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return usage(error, shell, json);
    if (json) shell.stdout.write(`${JSON.stringify({ error: failureReport(error) }, undefined, 2)}\n`);
    else shell.stderr.write(`${failureText(error)}\n`);
    return exitCodeOf(error);
  } finally {
    await outputs.finish();
  }
}

function programOf(shell: Shell, json: boolean, exit: (code: number) => void): Command {
  const program = new Command('auxflow')
    .description('Machine-learning pipelines as event streams, declared in YAML.')
    .option('--json', 'print results and errors as JSON')
    .addOption(
      new Option('--log-level <level>', 'log events of this level and above, as JSON lines on stderr').choices([
        'trace',
        'debug',
        'info',
        'warn',
        'error',
        'fatal',
        'silent',
      ]),
    )
    .option('--no-color', 'print without colours, as NO_COLOR=1 does')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => shell.stdout.write(text),
      writeErr: (text) => (json ? undefined : shell.stderr.write(text)),
    })
    .showHelpAfterError('Run it with --help to see what there is.')
    .exitOverride()
    .addHelpText(
      'after',
      `\nThe engine is set up by: auxflow setup\n${examples(
        'auxflow run pipelines/quickstart.yaml',
        'auxflow validate my-pipeline.yaml',
        'auxflow show my-pipeline.yaml --set epochs=5',
      )}`,
    );
  for (const verb of verbs) verb(program, shell, exit);
  return program;
}

/** Commander has told people already; `--help` is no error. */
function usage({ code, exitCode, message }: CommanderError, shell: Shell, json: boolean): number {
  if (exitCode === 0) return 0;
  if (json) {
    const [text, hint] = message.replace(/^error: /, '').split('\n');
    const error = {
      name: 'UsageError',
      code: code.replace('commander.', 'usage/'),
      message: text,
      ...(hint ? { hint } : {}),
    };
    shell.stdout.write(`${JSON.stringify({ error }, undefined, 2)}\n`);
  }
  return exitCodes.declaration;
}
