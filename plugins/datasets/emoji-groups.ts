/**
 * For each emoji a number that it shares with all that look like it: those of which any picture is the same.
 * @param pictures of each emoji, as keys that are equal where the pictures are.
 */
export function emojiGroups(pictures: readonly (readonly string[])[]): readonly number[] {
  const groups = pictures.map((_, index) => index);
  const root = (index: number): number => (groups[index] === index ? index : root(groups[index]!));
  const seen = new Map<string, number>();
  for (const [index, own] of pictures.entries())
    for (const picture of own) {
      const other = seen.get(picture);
      if (other === undefined) seen.set(picture, index);
      else groups[root(index)] = root(other);
    }
  return groups.map((_, index) => root(index));
}
