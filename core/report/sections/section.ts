import type { Content } from '../markup.js';
import type { Figure } from '../figures/figure.js';

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
