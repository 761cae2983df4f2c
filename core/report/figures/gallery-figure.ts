import type { GalleryRow } from '../labelling.js';
import { markup } from '../markup.js';
import { at, figureWidth, titleHeight, type Figure } from './figure.js';

export interface GalleryFigure extends Pick<Figure, 'id' | 'title' | 'description'> {
  /** Names of the rows' auxiliary classes, and the share of samples that each is the highest for. */
  readonly rows: readonly (GalleryRow & { readonly label: string; readonly share: number })[];
}

const [labels, gap] = [62, 4];

/** A row of images for each auxiliary class, the highest assignment first; its number in the tooltip. */
export function galleryFigure({ rows, ...about }: GalleryFigure): Figure {
  const columns = Math.max(1, ...rows.map(({ images }) => images.length));
  const side = Math.min(44, (figureWidth - labels) / columns - gap);
  const drawn = rows.map(({ label, share, images }, i) => {
    const y = titleHeight + i * (side + 8);
    const pictures = images.map(({ url, width, height, caption, assignment }, k) => {
      const scale = side / Math.max(width, height);
      return markup`<image class="picture" href="${url}" x="${at(labels + k * (side + gap))}" y="${at(y)}" width="${at(width * scale)}" height="${at(height * scale)}" role="img" aria-label="${caption}"><title>${caption}, assignment ${assignment.toFixed(2)}</title></image>`;
    });
    return markup`<text x="0" y="${at(y + side / 2 - 2)}">${label}</text><text class="quiet" x="0" y="${at(y + side / 2 + 13)}">${(100 * share).toFixed(0)}%</text>${pictures}`;
  });
  return { ...about, height: titleHeight + rows.length * (side + 8), body: markup`${drawn}` };
}
