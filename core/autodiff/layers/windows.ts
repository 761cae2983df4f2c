/** Square windows that slide over images. */
export interface WindowOptions {
  /** Side of a window; 2 by default. */
  readonly size?: number;
  /** Step between windows; `size` by default, so that they do not overlap. */
  readonly strides?: number;
  /** `same` keeps windows that overhang the border, `valid` drops them; `valid` by default. */
  readonly padding?: 'same' | 'valid';
}

/** How tfjs's pooling layers say the same. */
export const poolConfig = ({ size, strides, padding }: Required<WindowOptions>): Record<string, unknown> => ({
  poolSize: size,
  strides,
  padding,
});

/** How many windows of `size`, `strides` apart, an axis of `length` has; with `dilations`, holes spread a window out. */
export function windowCount(
  length: number,
  size: number,
  strides: number,
  padding: 'same' | 'valid',
  dilations = 1,
): number {
  if (padding === 'same') return Math.ceil(length / strides);
  return Math.floor((length - ((size - 1) * dilations + 1)) / strides) + 1;
}
