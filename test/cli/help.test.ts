import type { Command } from 'commander';
import { describe, expect, it } from '@jest/globals';
import { programOf } from '../../core/cli/program.js';
import { shellOf } from '../../core/cli/shell.js';
import { builtIn, defaults } from '../../plugins/built-in.js';
import { auxflow, Written } from './command-line.js';

/** The program, to be parsed for one command line; no verb does anything. */
function parser(): Command {
  const output = { stdout: new Written(), stderr: new Written() };
  const program = programOf(shellOf({ plugins: builtIn, defaults, env: {}, ...output }), false, () => undefined);
  const still = (command: Command): void => {
    command.exitOverride().action(() => undefined);
    command.commands.forEach(still);
  };
  program.commands.forEach(still);
  return program;
}

const verbsOf = (command: Command, above: string[] = []): string[][] =>
  command.commands.flatMap((verb) => {
    const path = [...above, verb.name()];
    return [...(verb.commands.length > 0 && !verb.registeredArguments.length ? [] : [path]), ...verbsOf(verb, path)];
  });

/** The examples under a verb's help, as words of a shell without what it does itself. */
async function examplesOf(verb: readonly string[]): Promise<string[][]> {
  const { code, stdout } = await auxflow([...verb, '--help'], { plugins: builtIn, defaults });
  expect(code).toBe(0);
  const [, list] = stdout.split('\nExamples:\n');
  return (list ?? '')
    .split('\n')
    .filter((line) => line.startsWith('  $ '))
    .map((line) => line.slice(4).replace(/ > .*/, ''))
    .map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain!));
}

const verbs = verbsOf(parser());

describe('the examples in help', () => {
  it('are there for all verbs', () => {
    const names = verbs.map((verb) => verb.join(' '));
    expect(names).toEqual(expect.arrayContaining(['run', 'runs', 'runs diff', 'replay', 'data fetch', 'completion']));
    expect(names).not.toContain('data');
  });

  it.each([[], ...verbs].map((verb) => [verb.join(' ') || 'auxflow', verb] as const))('%s', async (_, verb) => {
    const examples = await examplesOf(verb);
    expect(examples.length).toBeGreaterThan(0);
    for (const [program, ...argv] of examples) {
      expect(program).toBe('auxflow');
      expect(argv.slice(0, verb.length)).toEqual(verb);
      if (argv[0] === 'setup') continue;
      await parser().parseAsync(argv, { from: 'user' });
    }
  });

  it('would be refused with an option that is not there', async () => {
    await expect(parser().parseAsync(['runs', '--nmae', 'x'], { from: 'user' })).rejects.toThrow('--nmae');
    await expect(parser().parseAsync(['replay'], { from: 'user' })).rejects.toThrow('missing required argument');
  });
});
