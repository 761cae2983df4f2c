import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { chain, flatten, wrapModel } from '../../../core/autodiff/index.js';
import type { Layer, Params, Shape, Variables } from '../../../core/autodiff/index.js';
import { tf } from '../../../core/engine/index.js';
import type { Generator } from '../../../core/engine/index.js';
import { ConfigError, DataError } from '../../../core/errors/index.js';
import { nearest, path } from '../../../core/plugins/index.js';
import { StageConfig } from '../../../core/stages/index.js';
import type { Model } from '../../../core/stages/index.js';
import { refuseNotFinite } from '../../../core/weights/index.js';
import { denseHead } from '../block.js';
import { buildModel, fromKeras, seeded } from './build-model.js';
import type { Topology } from './build-model.js';
import { readModel } from './read-model.js';

export const LayersModelConfig = z.strictObject({
  path: path().describe('model.json of a tfjs layers model; its weights lie beside it'),
  features: z
    .string()
    .min(1)
    .describe("layer whose output the heads see; the model's own output by default")
    .optional(),
  hidden: z.int().min(1).default(128).describe('units of the hidden layer in each head'),
  weights: z.enum(['file', 'fresh']).default('file').describe('start from the weights in the file, or draw new ones'),
  frozen: z
    .union([z.boolean(), z.string().min(1)])
    .default(false)
    .describe('layers that are not trained: all, or this one and those before it'),
});

/** A tfjs layers model, or a converted Keras model, as the trunk; its features are flattened. */
@injectable()
export class LayersModel implements Model {
  private readonly topology: Topology;
  private readonly model: tf.LayersModel;
  /** Weights in the file, by name. */
  private readonly saved: ReadonlyMap<string, Float32Array> | undefined;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof LayersModelConfig>) {
    const file = readModel(config.path);
    const whole = buildModel(fromKeras(file.topology), file.path);
    try {
      if (config.weights === 'file') this.saved = loaded(whole, file.weights(), file.path);
      // tfjs spells out all defaults here, the initializers among them.
      this.topology = { className: whole.getClassName(), config: whole.getConfig() };
      freeze(whole, config.frozen);
      this.model = config.features === undefined ? whole : upTo(whole, config.features);
    } finally {
      for (const weight of whole.weights) weight.dispose();
    }
  }

  trunk(input: Shape): Layer {
    const [{ shape, dtype }] = this.model.inputs as [tf.SymbolicTensor];
    const wanted = shape.slice(1);
    const fits = wanted.length === input.length && wanted.every((size, i) => size === null || size === input[i]);
    if (!fits || dtype !== 'float32') {
      throw ConfigError.of(
        'model/input-shape',
        ['model'],
        `${this.config.path} takes inputs of shape [${wanted.map((size) => size ?? 'any').join(', ')}] (${dtype}), the dataset has [${input.join(', ')}] (float32)`,
        'use a dataset of that shape, or a model for this one',
      );
    }
    const layer = wrapModel(this.model, { name: 'trunk', init: (_, random) => this.variables(random) });
    return chain(layer, ...(layer.outputShape(input).length > 1 ? [flatten()] : []));
  }

  head(name: string, _features: Shape, outputs: number): Layer {
    return denseHead(name, this.config.hidden, outputs);
  }

  private variables(random: Generator): Variables {
    const values = this.saved ?? drawn(this.topology, this.config.path, random);
    const named = (weights: tf.LayersModel['weights']): Params =>
      Object.fromEntries(
        weights.map(({ originalName, shape }) => [
          `trunk/${originalName}`,
          tf.tensor(values.get(originalName)!.slice(), shape as number[]),
        ]),
      );
    return { params: named(this.model.trainableWeights), state: named(this.model.nonTrainableWeights) };
  }
}

const valuesOf = (model: tf.LayersModel): ReadonlyMap<string, Float32Array> =>
  new Map(model.weights.map((weight) => [weight.originalName, Float32Array.from(weight.read().dataSync())]));

/** Puts `weights`, which it disposes, into the model. */
function loaded(model: tf.LayersModel, weights: tf.NamedTensorMap, path: string): ReadonlyMap<string, Float32Array> {
  try {
    refuseNotFinite(path, weights);
    model.loadWeights(weights);
    return valuesOf(model);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(
      'layers-model/weights',
      `${path}: the weights don't fit the model: ${(cause as Error).message}`,
      {
        cause,
        hint: 'Convert or save the model anew, or start from fresh weights: weights: fresh.',
      },
    );
  } finally {
    tf.dispose(weights);
  }
}

/** New weights by the model's own initializers, a pure function of the generator's position. */
function drawn(topology: Topology, path: string, random: Generator): ReadonlyMap<string, Float32Array> {
  const model = buildModel(
    seeded(topology, () => random.integer(2 ** 31)),
    path,
  );
  try {
    return valuesOf(model);
  } finally {
    for (const weight of model.weights) weight.dispose();
  }
}

function freeze(model: tf.LayersModel, frozen: boolean | string): void {
  const count = typeof frozen === 'string' ? indexOf(model, frozen, 'frozen') + 1 : frozen ? model.layers.length : 0;
  for (const layer of model.layers.slice(0, count)) layer.trainable = false;
}

const upTo = (model: tf.LayersModel, features: string): tf.LayersModel =>
  tf.model({
    inputs: model.inputs,
    outputs: model.layers[indexOf(model, features, 'features')]!.output,
  });

function indexOf(model: tf.LayersModel, name: string, key: string): number {
  const names = model.layers.map((layer) => layer.name);
  const index = names.indexOf(name);
  if (index >= 0) return index;
  const near = nearest(name, names);
  throw ConfigError.of(
    'layers-model/unknown-layer',
    ['model', key],
    `the model has no layer ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
    `layers: ${names.join(', ')}`,
  );
}
