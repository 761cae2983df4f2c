/** How an image lies in a file: the bytes from one row, column and channel to the next. */
export interface Strides {
  readonly row: number;
  readonly column: number;
  readonly channel: number;
}

/** For each byte of an image `[height, width, channels]` in this order, where it lies in the stored image. */
export function channelsLast(
  [height, width, channels]: readonly [number, number, number],
  strides: Strides,
): Int32Array {
  const from = new Int32Array(height * width * channels);
  let index = 0;
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      for (let channel = 0; channel < channels; channel++)
        from[index++] = row * strides.row + column * strides.column + channel * strides.channel;
  return from;
}

/** Copies one image out of `stored`, reordered by `from`, to `offset` in `images`. */
export function copyImage(stored: Uint8Array, from: Int32Array, images: Uint8Array, offset: number): void {
  for (let index = 0; index < from.length; index++) images[offset + index] = stored[from[index]!]!;
}
