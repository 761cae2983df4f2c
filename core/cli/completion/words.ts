import type { Argument, Command, Option } from 'commander';

/** What may stand in a place: one of some words (several of them, with commas), a run, or any file. */
export interface Values {
  readonly kind: 'words' | 'list' | 'run' | 'file';
  readonly words: readonly string[];
}

/** An option as it is completed. */
export interface OptionWords {
  readonly flag: string;
  readonly about: string;
  /** Absent where it takes no value. */
  readonly value?: Values;
}

/** A verb as it is completed; the program itself has the name ''. */
export interface VerbWords {
  /** With the verb above it: `data fetch`. */
  readonly name: string;
  readonly about: string;
  readonly options: readonly OptionWords[];
  readonly argument?: Values;
  readonly verbs: readonly string[];
}

/**
 * Everything that can be completed, verb by verb.
 * @param named values that only plugins know, by flag (`--observer`), by verb (`data fetch`), or both (`replay --set`)
 */
export function wordsOf(program: Command, named: Readonly<Record<string, Values>>): VerbWords[] {
  const common = optionsOf(program, '', named);
  const walk = (command: Command, name: string): VerbWords[] => {
    const [argument] = command.registeredArguments;
    const values = named[name] ?? (argument && valuesOf(argument.name(), argument));
    const own = command === program ? [] : optionsOf(command, name, named);
    return [
      {
        name,
        about: command.summary() || command.description(),
        options: [...own, ...common, { flag: '--help', about: 'display help for command' }],
        ...(values && { argument: values }),
        verbs: command.commands.map((inner) => inner.name()),
      },
      ...command.commands.flatMap((inner) => walk(inner, `${name} ${inner.name()}`.trim())),
    ];
  };
  return walk(program, '');
}

const optionsOf = (command: Command, verb: string, named: Readonly<Record<string, Values>>): OptionWords[] =>
  command.options
    .filter(({ hidden }) => !hidden)
    .map((option) => {
      const flag = option.long!;
      const placeholder = /<(.*)>/.exec(option.flags)?.[1];
      return {
        flag,
        about: option.description,
        ...(placeholder !== undefined && {
          value: named[`${verb} ${flag}`] ?? named[flag] ?? valuesOf(placeholder, option),
        }),
      };
    });

function valuesOf(placeholder: string, { argChoices = [] }: Option | Argument): Values {
  const kind = /^runs?$/.test(placeholder) ? 'run' : /^(files?|folder)$/.test(placeholder) ? 'file' : 'words';
  return { kind, words: argChoices };
}
