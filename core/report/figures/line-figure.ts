import { markup } from '../markup.js';
import { at, figureWidth, titleHeight, type Figure } from './figure.js';
import { legend, shape, type Entry } from './legend.js';
import { scaleOf } from './scale.js';

/** One line with its spread. */
export interface Line extends Entry {
  readonly points: readonly {
    readonly x: number;
    readonly mean: number;
    readonly low?: number;
    readonly high?: number;
  }[];
}

export interface LineFigure extends Pick<Figure, 'id' | 'title' | 'description'> {
  readonly lines: readonly Line[];
  readonly xLabel: string;
  /** Values are shares, to be shown in percent. */
  readonly percent?: boolean;
  /** Values that the scale doesn't leave. */
  readonly limits?: readonly [number, number];
  /** Draws the line of 0, which is on the scale then. */
  readonly zero?: boolean;
}

/** Lines over epochs, each with its spread as a band. */
export function lineFigure({ lines, xLabel, percent = false, limits, zero = false, ...about }: LineFigure): Figure {
  const names = legend(lines, titleHeight);
  const [left, right, top] = [46, figureWidth - 10, titleHeight + names.height + 6];
  const bottom = top + 196;
  const points = lines.flatMap((line) => line.points);
  const values = [...points.flatMap(({ mean, low, high }) => [mean, low ?? mean, high ?? mean]), ...(zero ? [0] : [])];
  const y = scaleOf(values, [bottom, top], { percent, ...(limits && { limits }) });
  const inside = (value: number): number => Math.min(bottom, Math.max(top, y(value)));
  const epochs = points.map((point) => point.x);
  const [first, last] = [Math.min(...epochs), Math.max(...epochs)];
  const x = (epoch: number): number => left + (last > first ? (epoch - first) / (last - first) : 0.5) * (right - left);
  const ticks = scaleOf(epochs, [left, right], { count: 6 }).ticks.filter(
    (tick) => Number.isInteger(tick) && tick >= first && tick <= last,
  );

  const path = (pairs: readonly (readonly [number, number])[]): string =>
    pairs.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${at(px)} ${at(py)}`).join('');
  const drawn = lines.map(({ color, points }) => {
    const spread = points.filter(({ low, high }) => low !== undefined && high !== undefined);
    const band = [
      ...spread.map(({ x: epoch, high }) => [x(epoch), inside(high!)] as const),
      ...[...spread].reverse().map(({ x: epoch, low }) => [x(epoch), inside(low!)] as const),
    ];
    const end = points.at(-1)!;
    return markup`<g class="s${color % 10}">${spread.length > 1 && markup`<path class="band" d="${path(band)}z"/>`}<path class="line" d="${path(
      points.map(({ x: epoch, mean }) => [x(epoch), y(mean)]),
    )}"/>${shape(color, x(end.x), y(end.mean))}</g>`;
  });
  return {
    ...about,
    height: bottom + 36,
    body: markup`${names.body}${y.ticks.map(
      (tick) =>
        markup`<line class="${zero && tick === 0 ? 'zero' : 'grid'}" x1="${left}" x2="${right}" y1="${at(y(tick))}" y2="${at(y(tick))}"/><text class="quiet end" x="${left - 8}" y="${at(y(tick) + 4)}">${y.format(tick)}</text>`,
    )}${ticks.map((tick) => markup`<text class="quiet middle" x="${at(x(tick))}" y="${at(bottom + 17)}">${tick}</text>`)}<text class="quiet middle" x="${at((left + right) / 2)}" y="${at(bottom + 33)}">${xLabel}</text>${drawn}`,
  };
}
