import { closest, distance } from 'fastest-levenshtein';

/** The name that `name` was probably meant to be, or `undefined` where nothing is close. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const byFolded = new Map([...names].map((candidate) => [candidate.toLowerCase(), candidate]));
  if (byFolded.size === 0) return undefined;
  const folded = name.toLowerCase();
  const candidates = [...byFolded.keys()];
  const swapped = candidates.find((candidate) => letters(candidate) === letters(folded));
  const best = swapped ?? closest(folded, candidates);
  const limit = Math.max(1, Math.ceil(Math.max(folded.length, best.length) / 3));
  return swapped !== undefined || distance(folded, best) <= limit ? byFolded.get(best) : undefined;
}

const letters = (text: string): string => Array.from(text).sort().join('');
