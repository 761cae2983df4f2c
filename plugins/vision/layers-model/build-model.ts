import { tf } from '../../../core/engine/index.js';
import { DataError } from '../../../core/errors/index.js';
import { nearest } from '../../../core/plugins/index.js';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A model's class and its configuration, in tfjs's spelling of the keys. */
export interface Topology {
  readonly className?: string;
  readonly config: tf.serialization.ConfigDict;
}

/** A topology as Keras writes it (`class_name`, `batch_input_shape`), in tfjs's spelling (`className`, `batchInputShape`). */
export const fromKeras = (topology: object): Topology => respelled(topology as Json) as unknown as Topology;

/**
 * Builds a model, which uses the topology up; its variables belong to the caller.
 * @throws DataError for classes that tfjs doesn't have, and models without an input shape
 */
export function buildModel({ className = 'nothing', config }: Topology, path: string): tf.LayersModel {
  const { classNameMap } = tf.serialization.SerializationMap.getMap();
  const entry = ['Sequential', 'Functional', 'Model'].includes(className) ? classNameMap[className] : undefined;
  if (!entry) {
    throw new DataError('layers-model/class', `${path}: there is no class of models called ${className}`, {
      hint: `Nearest: ${nearest(className, ['Sequential', 'Functional', 'Model']) ?? 'Functional'}.`,
    });
  }
  const [type, fromConfig] = entry;
  let model: tf.LayersModel;
  try {
    model = fromConfig(type, config) as unknown as tf.LayersModel;
  } catch (cause) {
    throw new DataError('layers-model/topology', `${path}: ${(cause as Error).message}`, { cause });
  }
  if (model.inputs.length === 0) {
    throw new DataError(
      'layers-model/no-input-shape',
      `${path}: the first layer doesn't say what shape its inputs have`,
      {
        hint: 'Build the model, or give its first layer an input shape, before saving it.',
      },
    );
  }
  return model;
}

/** Every initializer that has no seed yet gets one. */
export function seeded({ config, ...rest }: Topology, nextSeed: () => number): Topology {
  const visit = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, key === 'seed' && inner === null ? nextSeed() : visit(inner)]),
    );
  };
  return { ...rest, config: visit(config) as tf.serialization.ConfigDict };
}

/** Keys and enumerations in camel case; names of layers and tensors as they are. */
function respelled(value: Json, key = ''): Json {
  if (typeof value === 'string') return camelCase(value);
  if (Array.isArray(value)) {
    const refers = ['inboundNodes', 'inputLayers', 'outputLayers'].includes(key);
    return value.map((item: Json, i) => (refers && i === 0 && typeof item === 'string' ? item : respelled(item, key)));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([inner, item]) => {
      if (inner === 'name' && typeof item === 'string') return [inner, item];
      const spelled = camelCase(inner);
      return [spelled, respelled(item, spelled)];
    }),
  );
}

const camelCase = (text: string): string =>
  text.length < 2 ? text : text.replace(/_+(\w|$)/g, (_, letter: string) => letter.toUpperCase());
