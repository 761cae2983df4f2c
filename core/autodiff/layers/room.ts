import { totalmem } from 'node:os';

const memory = Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** Refuses a tensor larger than all memory: where TensorFlow can't allocate, it ends the process. */
export function expectRoom(shape: readonly number[]): void {
  const bytes = shape.reduce((size, dimension) => size * dimension, Float32Array.BYTES_PER_ELEMENT);
  if (bytes <= memory) return;
  const gigabytes = (size: number): string => `${(size / 1e9).toFixed(1)} GB`;
  throw new Error(`out of memory: a tensor of [${shape.join(', ')}] takes ${gigabytes(bytes)} of ${gigabytes(memory)}`);
}
