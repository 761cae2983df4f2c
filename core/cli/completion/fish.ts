import { quote } from './decide.js';
import type { Values, VerbWords } from './words.js';

/** A script that completes the command line in fish: `~/.config/fish/completions/auxflow.fish`. */
export function fish(verbs: readonly VerbWords[]): string {
  const about = new Map(verbs.map((verb) => [verb.name, verb.about]));
  return `# Completes auxflow in fish.
function __auxflow_runs
    for run in runs/*/*/
        string replace -r '^runs/(.*)/$' '$1' $run
    end
end
complete -c auxflow -f
${verbs.flatMap((verb) => lines(verb, about)).join('\n')}
`;
}

function lines({ name, options, argument, verbs }: VerbWords, about: ReadonlyMap<string, string>): string[] {
  const typed = name.split(' ').filter(Boolean).map(seen);
  const open = verbs.length > 0 ? [`not ${seen(verbs.join(' '))}`] : [];
  const complete = (conditions: readonly string[], ...rest: string[]): string =>
    ['complete -c auxflow -n', text(conditions.join('; and ')), ...rest].join(' ');
  return [
    ...verbs.map((verb) =>
      complete([...typed, ...open], '-a', verb, '-d', text(about.get(`${name} ${verb}`.trim()) ?? '')),
    ),
    ...(argument ? [complete(typed, ...given(argument))] : []),
    ...options.map(({ flag, about, value }) =>
      complete(
        name === '' ? open : typed,
        '-l',
        flag.slice(2),
        ...(value ? ['-r', ...given(value)] : []),
        '-d',
        text(about),
      ),
    ),
  ];
}

const seen = (verbs: string): string => `__fish_seen_subcommand_from ${verbs}`;

function given({ kind, words }: Values): string[] {
  if (kind === 'file') return ['-F'];
  if (kind === 'run') return ['-F', '-a', text('(__auxflow_runs)')];
  const quoted = words.map(quote).join(' ');
  return ['-f', ...(quoted === '' ? [] : ['-a', text(kind === 'list' ? `(__fish_append , ${quoted})` : quoted)])];
}

/** In quotes of fish, where a backslash escapes quotes and itself. */
const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
