import { markup } from '../markup.js';
import type { Estimate } from '../../compare/index.js';
import { at, figureWidth, fit, titleHeight, type Figure } from './figure.js';
import { shape, type Entry } from './legend.js';
import { scaleOf } from './scale.js';

/** One row: a dot for each value, and their mean with its interval. */
export interface DotRow extends Entry {
  readonly values: readonly { readonly value: number; readonly title: string }[];
  readonly estimate: Estimate;
  /** At the right of the row's name. */
  readonly note: string;
}

export interface DotFigure extends Pick<Figure, 'id' | 'title' | 'description'> {
  readonly rows: readonly DotRow[];
  readonly xLabel: string;
  readonly percent?: boolean;
  readonly limits?: readonly [number, number];
  readonly zero?: boolean;
}

const rowHeight = 46;

/** Values on one scale, a row for each group: every value a dot, the mean a mark, its 95% interval a bar. */
export function dotFigure({ rows, xLabel, percent = false, limits, zero = false, ...about }: DotFigure): Figure {
  const [left, right, top] = [8, figureWidth - 8, titleHeight + 4];
  const bottom = top + rows.length * rowHeight + 4;
  const x = scaleOf([...extent(rows), ...(zero ? [0] : [])], [left + 14, right - 14], {
    percent,
    ...(limits && { limits }),
  });
  const inside = (value: number): number => Math.min(right, Math.max(left, x(value)));
  const drawn = rows.map(({ label, color, values, estimate: { mean, interval }, note }, i) => {
    const y = top + i * rowHeight + 30;
    const bar =
      interval !== undefined &&
      markup`<line class="interval" x1="${at(inside(mean - interval))}" x2="${at(inside(mean + interval))}" y1="${at(y)}" y2="${at(y)}"/>`;
    return markup`<text class="plate" x="0" y="${at(y - 14)}">${fit(label, figureWidth - 16 - note.length * 6)}</text><text class="quiet end plate" x="${figureWidth}" y="${at(y - 14)}">${note}</text><g class="s${color % 10}">${bar}${values.map(
      ({ value, title }) =>
        markup`<circle class="seed" cx="${at(x(value))}" cy="${at(y)}" r="4"><title>${title}</title></circle>`,
    )}${shape(color, x(mean), y)}</g>`;
  });
  return {
    ...about,
    height: bottom + 36,
    body: markup`${x.ticks.map(
      (tick) =>
        markup`<line class="${zero && tick === 0 ? 'zero' : 'grid'}" x1="${at(x(tick))}" x2="${at(x(tick))}" y1="${top}" y2="${bottom}"/><text class="quiet middle" x="${at(x(tick))}" y="${bottom + 15}">${x.format(tick)}</text>`,
    )}<text class="quiet middle" x="${figureWidth / 2}" y="${bottom + 31}">${xLabel}</text>${drawn}`,
  };
}

/** The ends of the scale: intervals count as far as they leave the values legible, which those of two seeds don't. */
function extent(rows: readonly DotRow[]): readonly number[] {
  const values = rows.flatMap((row) => row.values.map(({ value }) => value));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = 1.5 * (high - low);
  const ends = rows.flatMap(({ estimate: { mean, interval = 0 } }) => [
    Math.max(low - room, mean - interval),
    Math.min(high + room, mean + interval),
  ]);
  return [low, high, ...ends];
}
