import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Shell } from './shell.js';
import { type CommonOptions, Terminal } from './terminal.js';

/** What a verb works with. */
export interface Call<Options> {
  readonly shell: Shell;
  readonly terminal: Terminal;
  readonly options: Options;
}

/** Adds a verb to the program; its exit code goes to `exit`. */
export type Verb = (program: Command, shell: Shell, exit: (code: number) => void) => void;

/** A commander action that runs `body` with the verb's arguments and exits with the code it returns. */
export const action =
  <Options extends object>(
    shell: Shell,
    exit: (code: number) => void,
    body: (call: Call<Options>, ...args: string[]) => Promise<number>,
  ) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const args = given
      .slice(0, -2)
      .flat()
      .filter((arg) => typeof arg === 'string');
    const options = command.optsWithGlobals<Options & CommonOptions>();
    exit(await body({ shell, terminal: new Terminal(shell, options), options }, ...args));
  };

/** `--set` */
export const setOption = (): Option =>
  new Option('--set <key=value>', 'change one key, such as optimizer.learningRate=0.1; may be repeated')
    .argParser((value: string, all: string[]) => [...all, value])
    .default([], 'nothing');

/** `--set`, `--seed` and `--runs`. */
export const changes = (command: Command): Command =>
  command
    .addOption(setOption())
    .addOption(new Option('--seed <number>', 'seed of every random choice').argParser(seedOf))
    .option('--runs <folder>', 'folder that run folders are made in');

/** @throws InvalidArgumentError for text that is no seed. */
export function seedOf(text: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value <= 0xffffffff) return value;
  throw new InvalidArgumentError('Expected an integer from 0 to 4294967295.');
}

/** The examples under a verb's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  $ ${line}`).join('\n')}\n`;
