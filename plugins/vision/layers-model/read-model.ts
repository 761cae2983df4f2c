import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { tf } from '../../../core/engine/index.js';
import { DataError } from '../../../core/errors/index.js';

/** What a model.json says, and the bytes of its weights. */
export interface ModelFile {
  readonly path: string;
  /** `{ class_name, config }` as Keras and tfjs write it. */
  readonly topology: object;
  /** The file's weights by name; owned by the caller. */
  weights(): tf.NamedTensorMap;
}

type ManifestEntry = Parameters<typeof tf.io.decodeWeights>[1][number];

interface ModelJson {
  readonly format?: string;
  readonly modelTopology?: { readonly model_config?: object } & object;
  readonly weightsManifest?: readonly {
    readonly paths: readonly string[];
    readonly weights: ManifestEntry[];
  }[];
}

/**
 * Reads a model.json of the layers format, as `model.save` and the tensorflowjs converter write it.
 * @throws DataError for a file that is missing or of another format; `weights` also for shards that are missing or too short
 */
export function readModel(path: string): ModelFile {
  const json = parse(path);
  const { format, modelTopology, weightsManifest } = json;
  if (format === 'graph-model' || (modelTopology && 'node' in modelTopology)) {
    throw new DataError('layers-model/graph-model', `${path}: a graph model has no layers that could be trained`, {
      hint: 'Convert the Keras model with --output_format=tfjs_layers_model.',
    });
  }
  if (!modelTopology) {
    throw new DataError('layers-model/not-a-model', `${path}: there is no modelTopology in this file`, {
      hint: 'Give the model.json that model.save or the tensorflowjs converter wrote.',
    });
  }
  return {
    path,
    topology: modelTopology.model_config ?? modelTopology,
    weights() {
      if (!weightsManifest) {
        throw new DataError('layers-model/no-weights', `${path}: there is no weightsManifest in this file`, {
          hint: 'Save the model with its weights, or start from fresh ones: weights: fresh.',
        });
      }
      const shards = weightsManifest.flatMap(({ paths }) => paths).map((shard) => bytesOf(join(dirname(path), shard)));
      const entries = weightsManifest.flatMap(({ weights }) => weights);
      const bytes = Buffer.concat(shards);
      const expected = entries.reduce((total, entry) => total + sizeOf(entry), 0);
      if (bytes.length !== expected) {
        throw new DataError(
          'layers-model/weights-size',
          `${path}: its weight files hold ${bytes.length} bytes, the manifest lists ${expected}`,
          { hint: 'The download or copy may have stopped half-way; fetch the files again.' },
        );
      }
      return tf.io.decodeWeights(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), entries);
    },
  };
}

function parse(path: string): ModelJson {
  const text = bytesOf(path).toString('utf8');
  try {
    return JSON.parse(text) as ModelJson;
  } catch (cause) {
    throw new DataError('layers-model/not-json', `${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'Give the model.json, not the weights beside it.',
    });
  }
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'EISDIR' && statSync(join(path, 'model.json'), { throwIfNoEntry: false })) {
      throw new DataError('data/unreadable-file', `${path} is a folder`, {
        cause,
        hint: `Write ${join(path, 'model.json')}.`,
      });
    }
    const [name, fault] = code === 'ENOENT' ? ['data/missing-file', 'no such file'] : ['data/unreadable-file', message];
    throw new DataError(name, `${path}: ${fault}`, {
      cause,
      hint: 'Relative paths start at the file they are written in; weight files lie beside their model.json.',
    });
  }
}

const bytesPerValue: Readonly<Record<string, number>> = {
  float32: 4,
  int32: 4,
  float16: 2,
  uint16: 2,
  uint8: 1,
  bool: 1,
};

const sizeOf = ({ shape, dtype, quantization }: ManifestEntry): number =>
  shape.reduce((size, dimension) => size * dimension, bytesPerValue[quantization?.dtype ?? dtype] ?? NaN);
