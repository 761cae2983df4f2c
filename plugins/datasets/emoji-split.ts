import { createHash } from 'node:crypto';
import type { Emoji } from './emoji-list.js';

/** Every fourth emoji of a subgroup is tested on. */
const testShare = 1 / 4;

/**
 * The emoji to test on: a quarter of each subgroup, chosen by a hash of their code points, so that neither the run's seed nor
 * the list's order matters.
 * @param groups for each emoji, a number that those with the same picture share; they stay together.
 */
export function testEmoji(emoji: readonly Emoji[], groups: readonly number[]): ReadonlySet<number> {
  const first = new Map<number, Emoji>();
  for (const [index, group] of groups.entries()) if (!first.has(group)) first.set(group, emoji[index]!);

  const bySubgroup = new Map<string, { readonly group: number; readonly hash: string }[]>();
  for (const [group, { codes, subgroup }] of first) {
    const members = bySubgroup.get(subgroup) ?? [];
    bySubgroup.set(subgroup, [...members, { group, hash: createHash('sha256').update(codes).digest('hex') }]);
  }
  return new Set(
    [...bySubgroup.values()].flatMap((members) =>
      members
        .sort((a, b) => (a.hash < b.hash ? -1 : 1))
        .slice(0, Math.round(members.length * testShare))
        .map(({ group }) => group),
    ),
  );
}
