import { Command, Option } from 'commander';
import { ownPackage } from './own-package.js';
import type { Shell } from './shell.js';
import { examples } from './verb.js';
import { compare } from './verbs/compare.js';
import { completion } from './verbs/completion.js';
import { createPlugin } from './verbs/create-plugin.js';
import { data } from './verbs/data.js';
import { doctor } from './verbs/doctor.js';
import { evaluate } from './verbs/evaluate.js';
import { exportVerb } from './verbs/export.js';
import { labels } from './verbs/labels.js';
import { plugins } from './verbs/plugins.js';
import { predict } from './verbs/predict.js';
import { replay } from './verbs/replay.js';
import { report } from './verbs/report.js';
import { run } from './verbs/run.js';
import { runs } from './verbs/runs.js';
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
  runs,
  replay,
  report,
  evaluate,
  predict,
  labels,
  exportVerb,
  completion,
];

/** Commander's words for a wrong argument, without its own terms. */
export const plainUsage = (text: string): string =>
  text.replace(/command-argument value '(.*)' is invalid for argument '([^']*)'\./s, "<$2> can't be '$1'.");

/** The verbs with their options; `exit` hears the exit code of the one that has run. */
export function programOf(shell: Shell, json: boolean, exit: (code: number) => void): Command {
  const program = new Command('auxflow')
    .description('Machine-learning pipelines as event streams, declared in YAML.')
    .version(ownPackage().version, '--version', 'print the version')
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
      outputError: (text, write) => write(plainUsage(text)),
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
