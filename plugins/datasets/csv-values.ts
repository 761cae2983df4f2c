import { nearest } from '../../core/plugins/index.js';

const missing = new Set(['', 'na', 'n/a', 'nan', 'null', '?']);

/** Whether a field stands for a value that isn't known: empty, `NA`, `N/A`, `NaN`, `null` or `?`. */
export const isMissing = (text: string): boolean => missing.has(text.toLowerCase());

/** The number that a field holds, in decimal notation; `undefined` for anything else and for what float32 can't hold. */
export function numberOf(text: string): number | undefined {
  if (!/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(Math.fround(value)) ? value : undefined;
}

/** Nobody reads more of a name, nor misspells it. */
const longest = 80;

/** A field as errors show it: in quotes, and cut short. */
export const quoted = (text: string): string =>
  text.length <= longest ? `"${text}"` : `"${text.slice(0, longest)}..."`;

/** Names as errors list them: the first few. */
export const listed = (names: readonly string[]): string => {
  const shown = names.slice(0, 20).map((name) => name.slice(0, longest));
  return `${shown.join(', ')}${names.length > shown.length ? ', ...' : ''}`;
};

/** What `nearest` finds among names of a length that people write: comparing costs the product of two lengths. */
export const nearestOf = (name: string, names: Iterable<string>): string | undefined =>
  name.length <= longest
    ? nearest(
        name,
        [...names].filter(({ length }) => length <= longest),
      )
    : undefined;
