import { markup } from '../markup.js';
import { at, figureWidth, fit, titleHeight, type Figure } from './figure.js';

/** How one primary class uses its auxiliary classes. */
export interface ShareRow {
  readonly label: string;
  /** They sum to 1. */
  readonly shares: readonly number[];
  /** At the right of the bar. */
  readonly note: string;
}

export interface ShareFigure extends Pick<Figure, 'id' | 'title' | 'description'> {
  readonly color: number;
  readonly rows: readonly ShareRow[];
}

/** Rows drawn; a note says how many more there are. */
const rowLimit = 40;
const rowHeight = 26;

/** A stacked bar for each primary class, its auxiliary classes from dark to light. */
export function shareFigure({ color, rows, ...about }: ShareFigure): Figure {
  const shown = rows.slice(0, rowLimit);
  const labels = Math.min(120, 10 + 6.8 * Math.max(...shown.map(({ label }) => label.length)));
  const notes = 10 + 6 * Math.max(...shown.map(({ note }) => note.length));
  const width = figureWidth - labels - notes;
  const bars = shown.map(({ label, shares, note }, i) => {
    const y = titleHeight + i * rowHeight;
    let from = labels;
    const segments = shares.map((share, k) => {
      const start = from;
      from += share * width;
      if (share * width < 0.5) return undefined;
      const opacity = (1 - (0.7 * k) / Math.max(1, shares.length - 1)).toFixed(2);
      return markup`<rect class="bar" x="${at(start)}" y="${y}" width="${at(Math.max(0.5, share * width - 1.5))}" height="18" rx="2" opacity="${opacity}"><title>class ${k + 1}: ${(100 * share).toFixed(1)}%</title></rect>`;
    });
    return markup`<text x="0" y="${y + 13}">${fit(label, labels - 8)}</text><g class="s${color % 10}">${segments}</g><text class="quiet end" x="${figureWidth}" y="${y + 13}">${note}</text>`;
  });
  const height = titleHeight + shown.length * rowHeight;
  const hidden = rows.length - shown.length;
  return {
    ...about,
    height: height + (hidden > 0 ? 22 : 0),
    body: markup`${bars}${hidden > 0 && markup`<text class="quiet" x="0" y="${height + 14}">and ${hidden} more</text>`}`,
  };
}
