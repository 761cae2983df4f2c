import { tf } from '../../engine/index.js';
import type { Mode } from '../layer.js';
import { dropoutMask } from './dropout.js';

/** A variable of a tfjs layers model. */
export type Weight = tf.LayersModel['weights'][number];

/** What auxflow knows of the layers whose behaviour in training it takes over. */
interface ModelLayer extends tf.layers.Layer {
  readonly layers?: readonly ModelLayer[];
  readonly layer?: ModelLayer;
  readonly rate?: number;
  readonly gamma?: Weight;
  readonly beta?: Weight;
  readonly movingMean?: Weight;
  getNoiseShape?(x: tf.Tensor): number[] | null;
}

/** All layers of a model, those of models and wrappers inside it included. */
export const layersOf = (model: { readonly layers: readonly tf.layers.Layer[] }): ModelLayer[] =>
  (model.layers as readonly ModelLayer[]).flatMap((layer) => {
    const inner = layer.layers ?? (layer.layer ? [layer.layer] : []);
    return [layer, ...layersOf({ layers: inner })];
  });

/**
 * Evaluates a model at the given values of its weights. While it runs, the model's variables read and write elsewhere, and
 * its dropout layers draw their masks from `mode.seed`; afterwards it is as it was.
 * @returns the output, and the values that weights would have been given; all belong to the caller
 */
export function borrowed(
  model: tf.LayersModel,
  values: ReadonlyMap<Weight, tf.Tensor>,
  x: tf.Tensor,
  mode: Mode,
): { output: tf.Tensor; written: ReadonlyMap<Weight, tf.Tensor> } {
  const written = new Map<Weight, tf.Tensor>();
  const restore: (() => void)[] = [];
  const replace = <T extends object>(target: T, replacement: { readonly [K in keyof T]?: T[K] }): void => {
    for (const key of Object.keys(replacement) as (keyof T & string)[]) {
      const own = Object.getOwnPropertyDescriptor(target, key);
      Object.defineProperty(target, key, { value: replacement[key], configurable: true, writable: true });
      restore.push(() => {
        if (own) Object.defineProperty(target, key, own);
        else Reflect.deleteProperty(target, key);
      });
    }
  };

  try {
    for (const [weight, value] of values) {
      replace(weight, {
        read: () => written.get(weight) ?? value,
        write(update) {
          written.get(weight)?.dispose();
          written.set(weight, tf.keep(update.clone()));
          return weight;
        },
      });
    }
    for (const layer of layersOf(model)) replace(layer, inMode(layer, mode));
    const output = tf.tidy(() => [model.call(x, { training: mode.training })].flat()[0]!);
    return { output: output === x ? x.clone() : output, written };
  } catch (error) {
    tf.dispose([...written.values()]);
    throw error;
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}

/** What a layer must do differently to be a function of its weights, its input and the mode alone. */
function inMode(layer: ModelLayer, { seed }: Mode): Partial<ModelLayer> {
  switch (layer.getClassName()) {
    case 'Dropout':
    case 'SpatialDropout1D':
      return {
        call(inputs, { training }) {
          const x = [inputs].flat()[0]!;
          const { name, rate = 0 } = layer;
          if (training !== true || rate === 0) return x;
          const shape = layer.getNoiseShape?.(x) ?? x.shape;
          return tf.tidy(() => tf.mul(x, dropoutMask(shape, { name, rate, seed })));
        },
      };
    case 'BatchNormalization':
      return { ...wholeAffine(layer), ...(layer.trainable ? {} : frozenStatistics(layer)) };
    default:
      return {};
  }
}

/** Batch norm of tfjs has no gradient without scale and offset, so those that the layer lacks are 1 and 0. */
function wholeAffine({ gamma, beta, movingMean }: ModelLayer): Partial<ModelLayer> {
  const constant = (fill: (shape: number[]) => tf.Tensor): Weight =>
    ({ read: () => fill(movingMean!.shape as number[]) }) as Weight;
  return { ...(gamma ? {} : { gamma: constant(tf.ones) }), ...(beta ? {} : { beta: constant(tf.zeros) }) };
}

/** As in Keras, a batch norm that isn't trained normalises by its moving statistics. */
const frozenStatistics = (layer: ModelLayer): Partial<ModelLayer> => {
  const { call } = layer;
  return { call: (inputs, kwargs) => call.call(layer, inputs, { ...kwargs, training: false }) };
};
