import { attribute, nativeOp } from '../../engine/index.js';
import type { tf } from '../../engine/index.js';

export type Attributes = Parameters<typeof nativeOp>[2];

/** `T: float32`, and `attributes`. */
export const float = (attributes: Attributes = {}): Attributes => ({ T: attribute.float32(), ...attributes });

/** An operation with one output, owned by the caller. */
export const single = (name: string, inputs: tf.Tensor[], attributes: Attributes): tf.Tensor =>
  nativeOp(name, inputs, attributes)[0]!;

export const nhwc = { data_format: attribute.string('NHWC') };

/** A side in both directions of images `[n, h, w, c]`. */
export const square = (size: number): ReturnType<typeof attribute.int> => attribute.int([1, size, size, 1]);

/** How a window of kernel entries goes over images. */
export interface Walk {
  readonly strides: readonly [down: number, right: number];
  readonly padding: 'same' | 'valid';
}

export const walk = ({ strides, padding }: Walk): Attributes =>
  float({ strides: attribute.int([1, ...strides, 1]), padding: attribute.string(padding.toUpperCase()) });
