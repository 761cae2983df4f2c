import type { Dataset, Level } from '../stages/index.js';

/** The level that people made inside the primary one: the dataset's fine level, or the finest that refines the primary. */
export function humanLevel({ levels, primary, fine }: Pick<Dataset, 'levels' | 'primary' | 'fine'>): Level | undefined {
  if (fine !== undefined) return levels[fine];
  const refines = (level: Level | undefined): boolean =>
    level?.parent !== undefined && (level.parent.level === primary || refines(levels[level.parent.level]));
  return Object.values(levels)
    .filter(refines)
    .sort((a, b) => b.classes.length - a.classes.length)[0];
}
