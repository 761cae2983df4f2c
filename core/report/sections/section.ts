import type { Content } from '../markup.js';
import type { Figure } from '../figures/figure.js';
import type { Task } from '../tasks.js';

/** A part of the report: what it says, and its figures. */
export interface Section {
  /** Its anchor in the page. */
  readonly id: string;
  readonly title: string;
  readonly lead: Content;
  readonly table?: Content;
  readonly figures: readonly Figure[];
  /** What must be known to read the figures rightly. */
  readonly caption?: Content;
}

/** A name as a part of a file's name: `single-task`. */
export const slug = (text: string): string =>
  text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '') || 'unnamed';

/** Names of what is shown of one task alone, where there are several. */
export function partOf(
  task: Task,
  all: readonly Task[],
  { id, title }: Pick<Section, 'id' | 'title'>,
): Pick<Section, 'id' | 'title'> {
  if (all.length < 2) return { id, title };
  const name = slug(task.name);
  const taken = all.slice(0, all.indexOf(task)).filter((other) => slug(other.name) === name).length;
  return { id: `${id}-${name}${taken > 0 ? `-${taken + 1}` : ''}`, title: `${title}: ${task.name}` };
}
