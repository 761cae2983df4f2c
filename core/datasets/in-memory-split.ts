import { tf } from '../engine/index.js';
import type { Normalisation, Split } from '../stages/index.js';

/** Inputs as a file holds them, row by row. */
export type InputValues = Uint8Array | Int8Array | Int16Array | Int32Array | Float32Array | Float64Array;

/** A split of samples kept in memory. */
export interface InMemorySplit extends Split {
  /** Where each sample stands in the data the split was drawn from. */
  readonly positions: Int32Array;
}

/**
 * The samples at `positions` of shared data; nothing is copied but their labels. `inputs` are rows of `shape`: a batch is
 * gathered to float32, multiplied by `scale` and normalised by its last axis. `labels` are class indices of the whole data, by
 * level.
 */
export function inMemorySplit({
  inputs,
  shape,
  scale,
  normalisation,
  labels,
  positions,
}: {
  readonly inputs: InputValues;
  readonly shape: readonly number[];
  readonly scale: number;
  readonly normalisation?: Normalisation | undefined;
  readonly labels: Readonly<Record<string, Int32Array>>;
  readonly positions: Int32Array;
}): InMemorySplit {
  const width = shape.reduce((product, size) => product * size, 1);
  const chosen = Object.entries(labels).map(
    ([level, all]) => [level, positions.map((position) => all[position]!)] as const,
  );
  return {
    size: positions.length,
    positions,
    labels: Object.fromEntries(chosen),
    inputs(indices) {
      const batch = new Float32Array(indices.length * width);
      for (const [row, index] of indices.entries()) {
        const position = positions[index];
        if (position === undefined) throw new RangeError(`no sample ${index} in a split of ${positions.length}`);
        batch.set(inputs.subarray(position * width, (position + 1) * width), row * width);
      }
      if (normalisation) normalise(batch, scale, normalisation);
      else if (scale !== 1) for (let i = 0; i < batch.length; i++) batch[i]! *= scale;
      return tf.tensor(batch, [indices.length, ...shape]);
    },
  };
}

function normalise(batch: Float32Array, scale: number, { mean, deviation }: Normalisation): void {
  const { length: channels } = mean;
  for (let channel = 0; channel < channels; channel++) {
    const [factor, offset] = [scale / deviation[channel]!, mean[channel]! / deviation[channel]!];
    for (let i = channel; i < batch.length; i += channels) batch[i] = batch[i]! * factor - offset;
  }
}
