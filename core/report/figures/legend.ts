import { markup, type Content } from '../markup.js';
import { at, figureWidth, fit } from './figure.js';

/** A name and its colour. */
export interface Entry {
  readonly label: string;
  readonly color: number;
}

const rowHeight = 18;

/** Names with their marks in rows as wide as a figure; `height` is 0 where a single name needs none. */
export function legend(
  entries: readonly Entry[],
  top: number,
  mark: Mark = shape,
): { readonly body: Content; readonly height: number } {
  if (entries.length < 2) return { body: undefined, height: 0 };
  let [x, row] = [0, 0];
  const body = entries.map(({ label, color }) => {
    const text = fit(label, figureWidth - 20);
    const width = 20 + text.length * 6.8;
    if (x > 0 && x + width > figureWidth) [x, row] = [0, row + 1];
    const y = top + row * rowHeight + 8;
    const entry = markup`<g class="s${color % 10}">${mark(color, x + 6, y)}</g><text x="${at(x + 16)}" y="${at(y + 4)}">${text}</text>`;
    x += width + 12;
    return entry;
  });
  return { body, height: (row + 1) * rowHeight + 6 };
}

export type Mark = (color: number, x: number, y: number) => Content;

/** A mark that tells series apart without colour: circle, square, diamond, triangle, in turn. */
export function shape(color: number, x: number, y: number): Content {
  const path = (d: string): Content => markup`<path class="mark" d="${d}"/>`;
  const [left, top] = [at(x), at(y)];
  switch (color % 4) {
    case 0:
      return markup`<circle class="mark" cx="${left}" cy="${top}" r="4.5"/>`;
    case 1:
      return path(`M${at(x - 4)} ${at(y - 4)}h8v8h-8z`);
    case 2:
      return path(`M${left} ${at(y - 5.5)}l5.5 5.5l-5.5 5.5l-5.5 -5.5z`);
    default:
      return path(`M${left} ${at(y - 5.5)}l5.5 9.5h-11z`);
  }
}

/** A plain dot. */
export const dot: Mark = (_, x, y) => markup`<circle class="bar" cx="${at(x)}" cy="${at(y)}" r="4"/>`;
