import { injectable } from 'inversify';
import { z } from 'zod';
import { loadPipeline } from '../../core/config/index.js';
import type { PipelineSpec, ResolvedPipeline } from '../../core/config/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import { definePlugin, stage } from '../../core/plugins/index.js';
import type { Plugin } from '../../core/plugins/index.js';
import type { Dataset, DatasetSource, Split } from '../../core/stages/index.js';
import { builtIn, defaults } from '../../plugins/built-in.js';

interface ToyOptions {
  readonly samples?: number;
  readonly batch?: number;
  readonly heldOut?: number;
  readonly augment?: boolean;
  /** The brightness is a number to predict, of mean 30 and deviation 5, instead of three classes. */
  readonly regression?: boolean;
}

/** Small images whose brightness tells the primary class: 12x12, three classes, `samples` to train on. */
export const toyDataset = ({
  samples = 26,
  batch = 6,
  heldOut = 0,
  augment = false,
  regression = false,
}: ToyOptions): Dataset => {
  const split = (size: number, seed: number): Split => {
    const random = Generator.for(seed, 'toy');
    const labels = Int32Array.from({ length: size }, (_, i) => i % 3);
    const pixels = Float32Array.from(
      { length: size * 144 },
      (_, i) => random.uniform() + labels[Math.floor(i / 144)]! / 3,
    );
    return {
      size,
      labels: { primary: regression ? new Int32Array(size) : labels },
      ...(regression && { targets: Float32Array.from(labels, (label) => (label - 1) * Math.sqrt(1.5)) }),
      inputs: (indices) =>
        tf.tidy(() => tf.gather(tf.tensor4d(pixels, [size, 12, 12, 1]), tf.tensor1d([...indices], 'int32'))),
    };
  };
  return {
    name: 'toy',
    inputShape: [12, 12, 1],
    levels: { primary: { name: 'primary', classes: regression ? ['primary'] : ['dark', 'grey', 'bright'] } },
    primary: 'primary',
    ...(regression && { target: { name: 'primary', mean: 30, deviation: 5 } }),
    batch,
    ...(augment && { augment: brighter }),
    train: split(samples, 1),
    validation: split(9, 2),
    ...(heldOut > 0 && { heldOut: split(heldOut, 4) }),
    test: split(31, 3),
  };
};

/** Adds to all pixels of a batch what the generator says. */
const brighter = (inputs: tf.Tensor, random: Generator): tf.Tensor => tf.add(inputs, random.uniform(0, 0.1));

/** A plugin with the dataset `toy`. */
export function toyPlugin(options: ToyOptions = {}): Plugin {
  @injectable()
  class Toy implements DatasetSource {
    async load(): Promise<Dataset> {
      return toyDataset(options);
    }
  }
  const defaults = () =>
    options.regression ? { loss: { use: 'mean-squared-error' }, auxiliaryLoss: { use: 'focal' } } : {};
  return definePlugin({
    name: 'toy',
    apiVersion: 1,
    stages: { dataset: [stage('toy', 'small images of three brightnesses', z.strictObject({}), Toy, defaults)] },
  });
}

/** A small MAXL pipeline on the toy images; `changes` replace whole keys. */
export const toySpec = (changes: PipelineSpec = {}): PipelineSpec => ({
  name: 'toy',
  seed: 3,
  dataset: { use: 'toy' },
  model: { use: 'conv4', channels: 3, hidden: 5 },
  loss: { use: 'focal' },
  optimizer: { use: 'sgd', learningRate: 0.1 },
  auxiliary: { use: 'maxl', psi: [2, 1, 3] },
  metaStep: { use: 'meta-gradient', optimizer: { use: 'adam', learningRate: 0.01 } },
  epochs: 2,
  ...changes,
});

export const toyPipeline = (
  changes?: PipelineSpec,
  options: ToyOptions & { readonly plugins?: readonly Plugin[] } = {},
): Promise<ResolvedPipeline> =>
  loadPipeline(toySpec(changes), { plugins: [...builtIn, toyPlugin(options), ...(options.plugins ?? [])], defaults });
