import { closest, distance } from 'fastest-levenshtein';

/** The name that `name` was probably meant to be, or `undefined` where nothing is close. */
export function nearest(name: string, names: Iterable<string>): string | undefined {
  const candidates = [...names];
  if (candidates.length === 0) return undefined;
  const folded = name.toLowerCase();
  const best = closest(
    folded,
    candidates.map((candidate) => candidate.toLowerCase()),
  );
  const limit = Math.max(1, Math.ceil(Math.max(name.length, best.length) / 3));
  if (distance(folded, best) > limit) return undefined;
  return candidates.find((candidate) => candidate.toLowerCase() === best);
}
