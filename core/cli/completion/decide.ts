import type { Values, VerbWords } from './words.js';

/**
 * The part that bash and zsh read alike. Given `words`, `previous` and `current`, it finds out the `verb`, what `kind` of thing
 * is completed, and the `candidates`.
 * @param first index of the first word after the program, and of the word that is completed
 */
export function decide(verbs: readonly VerbWords[], [first, last]: readonly [string, string]): string {
  const options = verbs.flatMap(({ name, options }) => options.map((option) => ({ verb: name, ...option })));
  const valued = new Set(options.flatMap(({ flag, value }) => (value ? [flag] : [])));
  const nested = verbs.flatMap(({ name, verbs }) => verbs.map((inner) => quote(`${name}|${inner}`)));
  const lines = [
    `for ((i = ${first}; i < ${last}; i++)); do`,
    '  case ${words[i]} in',
    `    ${[...valued].join(' | ')}) i=$((i + 1)) ;;`,
    '    -*) ;;',
    `    *) case "$verb|\${words[i]}" in ${nested.join(' | ')}) verb="\${verb:+$verb }\${words[i]}" ;; esac ;;`,
    '  esac',
    'done',
    'case "$verb|$previous" in',
    ...branches(options.flatMap(({ verb, flag, value }) => (value ? [[`${verb}|${flag}`, assign(value)]] : []))),
    '  *)',
    '    case "$verb|$current" in',
    ...verbs.flatMap(({ name, options, argument, verbs }) => [
      `      ${quote(`${name}|-`)}*) ${assign({ kind: 'words', words: options.map(({ flag }) => flag) })} ;;`,
      `      ${quote(`${name}|`)}*) ${assign(argument ?? { kind: 'words', words: [] }, verbs)} ;;`,
    ]),
    '    esac ;;',
    'esac',
  ];
  return lines.map((line) => `  ${line}`).join('\n');
}

/** Branches of a case, those that do the same in one. */
function branches(cases: readonly (readonly [string, string])[]): string[] {
  const patterns = new Map<string, string[]>();
  for (const [pattern, action] of cases) patterns.set(action, [...(patterns.get(action) ?? []), quote(pattern)]);
  return [...patterns].map(([action, all]) => `  ${all.join(' | ')}) ${action} ;;`);
}

const assign = ({ kind, words }: Values, more: readonly string[] = []): string =>
  `kind=${kind} candidates=(${[...words, ...more].map(quote).join(' ')})`;

/** A word of bash, zsh or fish that stands for itself. */
export const quote = (word: string): string =>
  /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
