import type { Dataset } from '../stages/index.js';
import { png } from './png.js';

/** An image of a dataset, to be put into a page. */
export interface Picture {
  /** `data:image/png;base64,...` */
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

/**
 * Images of a split as PNG; values outside 0 to 1, as normalising leaves them, are stretched to that range.
 * @param indices positions in the split
 * @returns `undefined` where the inputs are no images
 */
export function pictures(
  dataset: Dataset,
  split: 'test' | 'train',
  indices: readonly number[],
): readonly Picture[] | undefined {
  const { inputShape } = dataset;
  const [height, width, depth] = inputShape;
  if (inputShape.length !== 3 || height === undefined || width === undefined || depth === undefined) return undefined;
  if (indices.length === 0) return [];
  using inputs = dataset[split].inputs(Int32Array.from(indices));
  const values = inputs.dataSync<'float32'>();
  const lowest = values.reduce((low, value) => Math.min(low, value), 0);
  const highest = values.reduce((high, value) => Math.max(high, value), 1);
  const channels = depth <= 4 ? depth : 1;
  const size = height * width;
  return indices.map((_, i) => {
    const pixels = Uint8Array.from({ length: size * channels }, (_, at) => {
      const place = (i * size + Math.floor(at / channels)) * depth + (at % channels);
      return Math.round((255 * (values[place]! - lowest)) / (highest - lowest));
    });
    const url = `data:image/png;base64,${png(pixels, [height, width, channels]).toString('base64')}`;
    return { url, width, height };
  });
}
