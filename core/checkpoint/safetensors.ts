import { tf } from '../engine/index.js';
import { RunError } from '../errors/index.js';
import { readBytes } from './read-bytes.js';
import { fromBfloat16, fromFloat16, fromFloat64 } from './other-floats.js';
import { dtypes, formatHeader, otherFloats, parseHeader } from './safetensors-header.js';
import type { Dtype, TensorEntry, WeightsDtype } from './safetensors-header.js';
import { writeAtomically } from './write-atomically.js';

/**
 * Writes float32, int32 and bool tensors of any shape in the safetensors format, atomically; equal tensors make equal
 * bytes, in whatever order they come. The tensors are borrowed, and read before this returns its promise.
 * @returns the file's size in bytes.
 * @throws RunError for a tensor of another dtype.
 */
export async function writeSafetensors(
  file: string,
  tensors: Readonly<Record<string, tf.Tensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  return writeAtomically(file, encodeSafetensors(tensors, metadata));
}

/** The bytes of a safetensors file: its header, then its data. */
export function encodeSafetensors(
  tensors: Readonly<Record<string, tf.Tensor>>,
  metadata: Readonly<Record<string, string>>,
): [header: Buffer, ...data: Uint8Array[]] {
  const entries: TensorEntry[] = [];
  const chunks: Uint8Array[] = [];
  let begin = 0;
  for (const [name, tensor, dtype] of sorted(tensors)) {
    const values = tensor.dataSync();
    const chunk = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    entries.push({ name, dtype, shape: tensor.shape, begin, end: begin + chunk.byteLength });
    chunks.push(chunk);
    begin += chunk.byteLength;
  }
  return [formatHeader(entries, metadata), ...chunks];
}

/** What a safetensors file holds; the tensors belong to the caller. */
export interface Safetensors {
  readonly tensors: Readonly<Record<string, tf.Tensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a safetensors file of float32, int32 and bool tensors.
 * @throws DataError for a missing or damaged file, naming the file, the tensor and the byte at fault.
 */
export async function readSafetensors(file: string): Promise<Safetensors> {
  return decodeSafetensors(file, await readBytes(file));
}

/**
 * What a file's bytes hold.
 * @param file its name, for errors
 * @throws DataError for a damaged file, naming the tensor and the byte at fault.
 */
export const decodeSafetensors = (file: string, bytes: Buffer): Safetensors => decode(file, bytes, dtypes);

/**
 * The same for weights from anywhere: float16, bfloat16 and float64 are taken too, and are float32 then.
 * @param file its name, for errors
 * @throws DataError as {@link decodeSafetensors} does
 */
export const decodeWeights = (file: string, bytes: Buffer): Safetensors =>
  decode(file, bytes, { ...dtypes, ...otherFloats });

function decode<Known extends WeightsDtype>(
  file: string,
  bytes: Buffer,
  known: Readonly<Record<Known, { readonly bytes: number; readonly name?: keyof tf.DataTypeMap }>>,
): Safetensors {
  const { entries, metadata, dataOffset } = parseHeader(file, bytes, known);
  const read = ({ name, dtype, shape, begin, end }: TensorEntry<Known>): [string, tf.Tensor] => {
    const { buffer } = Uint8Array.from(bytes.subarray(dataOffset + begin, dataOffset + end));
    return [name, tf.tensor(views[dtype](buffer), [...shape], known[dtype].name ?? 'float32')];
  };
  return { tensors: Object.fromEntries(entries.map(read)), metadata };
}

const views: Readonly<Record<WeightsDtype, (buffer: ArrayBuffer) => Float32Array | Int32Array | Uint8Array>> = {
  F32: (buffer: ArrayBuffer) => new Float32Array(buffer),
  I32: (buffer: ArrayBuffer) => new Int32Array(buffer),
  BOOL: (buffer: ArrayBuffer) => new Uint8Array(buffer).map((value) => (value ? 1 : 0)),
  F16: fromFloat16,
  BF16: fromBfloat16,
  F64: fromFloat64,
};

/** Wide elements before narrow ones, so that all are aligned, then by name. */
function sorted(tensors: Readonly<Record<string, tf.Tensor>>): [string, tf.Tensor, Dtype][] {
  return Object.entries(tensors)
    .map(([name, tensor]): [string, tf.Tensor, Dtype] => [name, tensor, dtypeOf(name, tensor)])
    .sort(([a, , x], [b, , y]) => dtypes[y].bytes - dtypes[x].bytes || (a < b ? -1 : 1));
}

function dtypeOf(name: string, tensor: tf.Tensor): Dtype {
  const dtype = (Object.keys(dtypes) as Dtype[]).find((key) => dtypes[key].name === tensor.dtype);
  if (dtype && name !== '__metadata__') return dtype;
  throw new RunError(
    'checkpoint/tensor',
    `can't write tensor "${name}" of dtype ${tensor.dtype} to a safetensors file`,
    {
      hint: `It takes ${Object.values(dtypes).map(({ name }) => name).join(', ')}, under any name but __metadata__.`, // prettier-ignore
    },
  );
}
