/** `items` in another order: the first of each class, then the second of each, so that any beginning has all classes. */
export function takingTurns<T>(items: readonly T[], classOf: (item: T) => string): T[] {
  const counts = new Map<string, number>();
  const turns = items.map((item) => {
    const turn = counts.get(classOf(item)) ?? 0;
    counts.set(classOf(item), turn + 1);
    return { item, turn };
  });
  return turns.sort((a, b) => a.turn - b.turn).map(({ item }) => item);
}
