import { markup, Markup, type Content } from '../markup.js';
import { dark, figureStyle, light } from '../theme.js';

/** A drawing of its own: in a page or as a file. */
export interface Figure {
  /** Names its file: `test-accuracy`. */
  readonly id: string;
  readonly title: string;
  /** What it shows, for those who can't see it. */
  readonly description: string;
  readonly height: number;
  readonly body: Markup;
}

/** Units that every figure is wide, so that their text has one size side by side. */
export const figureWidth = 400;

/** Where a figure's content begins below its title. */
export const titleHeight = 30;

/** A figure as part of a page that has its style. */
export const inlineFigure = ({ title, description, height, body }: Figure): Markup =>
  markup`<svg class="figure" viewBox="0 0 ${figureWidth} ${height}" role="img" aria-label="${title}: ${description}">${heading(title)}${body}</svg>`;

/** A figure as a file of its own, in the reader's light or dark scheme. */
export function standaloneFigure({ title, description, height, body }: Figure): string {
  const style = `${figureStyle(light)}\n@media (prefers-color-scheme: dark) {${figureStyle(dark)}\n}`;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" class="figure" width="${figureWidth + 32}" height="${height + 32}" viewBox="-16 -16 ${figureWidth + 32} ${height + 32}" role="img">
<title>${title}</title>
<desc>${description}</desc>
<style>${new Markup(style)}</style>
<rect class="surface" x="-16" y="-16" width="${figureWidth + 32}" height="${height + 32}" rx="10"/>
${heading(title)}${body}
</svg>
`.text;
}

const heading = (title: string): Content =>
  markup`<text class="title" x="0" y="13">${fit(title, figureWidth, 7.2)}</text>`;

/** `text`, cut to `width` units of a font whose characters are about `advance` wide. */
export function fit(text: string, width: number, advance = 6.3): string {
  const room = Math.floor(width / advance);
  return text.length > room ? `${text.slice(0, Math.max(1, room - 1))}…` : text;
}

/** A coordinate, short. */
export const at = (value: number): string => String(Number(value.toFixed(1)));
