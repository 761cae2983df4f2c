import { CommanderError } from 'commander';
import { RunError, untilSettled } from '../errors/index.js';
import { exitCodes, exitCodeOf, failureReport, failureText } from './failure.js';
import { Outputs } from './outputs.js';
import { shellOf, type Shell, type ShellOptions } from './shell.js';
import { plainUsage, programOf } from './program.js';

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
    await untilSettled(
      program.parseAsync(argv, { from: 'user' }),
      stuck,
      'something ended the process before its work was done',
    );
  } catch (error) {
    code = error instanceof CommanderError ? usage(error, shell, json) : told(error, shell, json);
  }
  const lost = await outputs.finish();
  return lost && code === 0 ? told(lost, shell, json) : code;
}

const stuck = (): RunError =>
  new RunError('run/stuck', 'nothing is left to do, but a promise is awaited that never settles', {
    hint: 'It is most likely one that a stage of a plugin returns.',
  });

function told(thrown: unknown, { stdout, stderr }: Shell, json: boolean): number {
  const error = named(thrown);
  if (json) stdout.write(`${JSON.stringify({ error: failureReport(error) }, undefined, 2)}\n`);
  else stderr.write(`${failureText(error)}\n`);
  return exitCodeOf(error);
}

/** What the system refused, such as a write to a full disk, and nobody nearer has told of. */
const named = (error: unknown): unknown =>
  error instanceof Error && 'syscall' in error
    ? new RunError('run/system', `the system refuses: ${error.message}`, {
        cause: error,
        hint: 'Correct that and run the command again; what was written before is kept.',
      })
    : error;

/** Commander has told people already; `--help` is no error. */
function usage({ code, exitCode, message }: CommanderError, shell: Shell, json: boolean): number {
  if (exitCode === 0) return 0;
  if (json) {
    const [text, hint] = plainUsage(message)
      .replace(/^error: /, '')
      .split('\n');
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
