import type { NodeJSKernelBackend } from '@tensorflow/tfjs-node/dist/nodejs_kernel_backend.js';
import { tf } from './tf.js';

/** The backend that speaks to TensorFlow's C++ library. */
export const nativeBackend = (): NodeJSKernelBackend => tf.backend() as NodeJSKernelBackend;

/** An attribute of a TensorFlow operation, with its type there. */
export interface Attribute {
  readonly type: number;
  readonly value: boolean | number | string | number[];
}

export const attribute = {
  float32: (): Attribute => ({ type: nativeBackend().binding.TF_ATTR_TYPE, value: nativeBackend().binding.TF_FLOAT }),
  int32: (): Attribute => ({ type: nativeBackend().binding.TF_ATTR_TYPE, value: nativeBackend().binding.TF_INT32 }),
  float: (value: number): Attribute => ({ type: nativeBackend().binding.TF_ATTR_FLOAT, value }),
  int: (value: number | number[]): Attribute => ({ type: nativeBackend().binding.TF_ATTR_INT, value }),
  bool: (value: boolean): Attribute => ({ type: nativeBackend().binding.TF_ATTR_BOOL, value }),
  string: (value: string): Attribute => ({ type: nativeBackend().binding.TF_ATTR_STRING, value }),
};

/**
 * Runs one TensorFlow operation, also such that tfjs has no function for. It is not recorded: no gradient flows through.
 *
 * @example const [dx] = nativeOp('ReluGrad', [dy, y], { T: attribute.float32() });
 * @returns its outputs, owned by the caller
 */
export function nativeOp(
  name: string,
  inputs: tf.Tensor[],
  attributes: Record<string, Attribute>,
  outputs = 1,
): tf.Tensor[] {
  const list = Object.entries(attributes).map(([key, { type, value }]) => ({ name: key, type, value }));
  return nativeBackend().executeMultipleOutputs(name, list, inputs, outputs);
}
