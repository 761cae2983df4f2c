import type { Dataset, Level } from '../../core/stages/index.js';

/**
 * The classes of `level` that belong to each primary class, in order: its children by the parent links and, where no links
 * lead from `level` to the primary level, those that it occurs with in the training samples.
 * @returns `undefined` where no primary class has more than one without links: the level is coarser, or the primary one itself
 */
export function blocksOf(
  { levels, primary, train }: Dataset,
  level: Level,
): readonly (readonly number[])[] | undefined {
  const blocks = levels[primary]!.classes.map(() => new Set<number>());
  const parents = level.name === primary ? undefined : primaryClasses(levels, level, primary);
  if (parents) {
    for (const [label, parent] of parents.entries()) blocks[parent]!.add(label);
  } else {
    const labels = train.labels[level.name]!;
    for (const [n, primaryClass] of train.labels[primary]!.entries()) blocks[primaryClass]!.add(labels[n]!);
    if (blocks.every(({ size }) => size <= 1)) return undefined;
  }
  return blocks.map((block) => [...block].sort((a, b) => a - b));
}

/** The primary class above each class of `level`, where parent links lead there. */
function primaryClasses(levels: Dataset['levels'], level: Level, primary: string): readonly number[] | undefined {
  let above = level.classes.map((_, label) => label);
  let { parent } = level;
  for (
    const passed = new Set([level.name]);
    parent && !passed.has(parent.level);
    parent = levels[parent.level]?.parent
  ) {
    const { of } = parent;
    above = above.map((label) => of[label]!);
    if (parent.level === primary) return above;
    passed.add(parent.level);
  }
  return undefined;
}
