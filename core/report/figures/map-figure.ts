import { markup, type Content } from '../markup.js';
import type { Point } from '../projection.js';
import { at, figureWidth, fit, titleHeight, type Figure } from './figure.js';
import { dot, legend } from './legend.js';

export interface MapFigure extends Pick<Figure, 'id' | 'title' | 'description'> {
  readonly points: readonly Point[];
  /** The class of each point, an index into `classes`. */
  readonly labels: ArrayLike<number>;
  readonly classes: readonly string[];
  /** Writes each class's name at its middle instead of into a legend. */
  readonly named?: boolean;
}

const height = 310;

/** Points in the plane, coloured by class. */
export function mapFigure({ points, labels, classes, named = false, ...about }: MapFigure): Figure {
  const used = classes
    .map((label, color) => ({ label, color }))
    .filter(({ color }) => Array.prototype.includes.call(labels, color));
  const names = named ? { body: undefined, height: 0 } : legend(used.slice(0, 12), titleHeight + height + 6, dot);
  const place = placing(points);
  const clouds = used.map(({ label, color }) => {
    const own = points.filter((_, i) => labels[i] === color).map(place);
    const [x, y] = middle(own);
    return {
      cloud: markup`<path class="cloud s${color % 10}" d="${own.map(([px, py]) => `M${at(px)} ${at(py)}h0`).join('')}"/>`,
      name: markup`<text class="middle halo" x="${at(x)}" y="${at(y + 4)}">${fit(label, 120)}</text>`,
    };
  });
  const drawn: Content = [clouds.map(({ cloud }) => cloud), named && clouds.map(({ name }) => name)];
  return { ...about, height: titleHeight + height + 6 + names.height, body: markup`${names.body}${drawn}` };
}

/** From the plane to the figure, each axis filling its side. */
function placing(points: readonly Point[]): (point: Point) => Point {
  const axis = (k: 0 | 1, from: number, to: number) => {
    const values = points.map((point) => point[k]);
    const [low, high] = values.reduce(
      ([a, b], value) => [Math.min(a, value), Math.max(b, value)],
      [Infinity, -Infinity],
    );
    return (value: number): number => from + ((value - low) / (high - low || 1)) * (to - from);
  };
  const [x, y] = [axis(0, 6, figureWidth - 6), axis(1, titleHeight + height - 6, titleHeight + 6)];
  return ([px, py]) => [x(px), y(py)];
}

/** The medians of both coordinates. */
function middle(points: readonly Point[]): Point {
  const median = (values: readonly number[]): number =>
    [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
  return [median(points.map(([x]) => x)), median(points.map(([, y]) => y))];
}
