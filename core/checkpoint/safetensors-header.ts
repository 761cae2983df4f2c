import { DataError } from '../errors/index.js';

/** Element types that tfjs holds, as safetensors names them, with the bytes of one element. */
export const dtypes = {
  F32: { bytes: 4, name: 'float32' },
  I32: { bytes: 4, name: 'int32' },
  BOOL: { bytes: 1, name: 'bool' },
} as const;
export type Dtype = keyof typeof dtypes;

/** Element types that are float32 once they are read as weights. */
export const otherFloats = { F16: { bytes: 2 }, BF16: { bytes: 2 }, F64: { bytes: 8 } } as const;
export type WeightsDtype = Dtype | keyof typeof otherFloats;

/** Names of the format's element types, of which few are ours. */
const formatDtype = /^(BOOL|BF16|C64|[FIU]\d{1,2}(_E\dM\d)?)$/;

/** Where one tensor lies: bytes `begin` to `end` of the file's data. */
export interface TensorEntry<Known extends WeightsDtype = Dtype> {
  readonly name: string;
  readonly dtype: Known;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader<Known extends WeightsDtype> {
  readonly entries: readonly TensorEntry<Known>[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Byte of the file at which the data begins. */
  readonly dataOffset: number;
}

const damaged = 'The file is damaged, or not in the safetensors format; write it anew.';
const METADATA = '__metadata__';
/** The format's own limit for headers, and dimensions enough for any tensor: TensorFlow ends the process at 255. */
const [mostHeaderBytes, mostDimensions] = [100_000_000, 32];

/** The length and the JSON that a file begins with, padded with spaces so that the data is aligned to 8 bytes. */
export function formatHeader(entries: readonly TensorEntry[], metadata: Readonly<Record<string, string>>): Buffer {
  const described = entries.map(({ name, dtype, shape, begin, end }): [string, unknown] => [
    name,
    { dtype, shape, data_offsets: [begin, end] },
  ]);
  const head: [string, unknown][] = Object.keys(metadata).length > 0 ? [[METADATA, metadata]] : [];
  const json = Buffer.from(JSON.stringify(Object.fromEntries([...head, ...described])));
  const header = Buffer.alloc(8 + Math.ceil(json.length / 8) * 8, ' ');
  header.writeBigUInt64LE(BigInt(header.length - 8));
  json.copy(header, 8);
  return header;
}

/**
 * Reads and checks the header of a whole file's bytes; the tensors tile the data without gap or overlap.
 * @param known element types that the reader takes, with the bytes of one element
 * @throws DataError naming the file, the tensor and the byte at fault.
 */
export function parseHeader<Known extends WeightsDtype>(
  file: string,
  bytes: Buffer,
  known: Readonly<Record<Known, { readonly bytes: number }>>,
): SafetensorsHeader<Known> {
  const refuse = (offset: number, fault: string, { cause, hint = damaged }: { cause?: unknown; hint?: string } = {}) =>
    new DataError('data/safetensors', `${file}: ${fault} (at byte ${offset})`, { cause, hint });
  if (bytes.length < 8) throw refuse(0, `${bytes.length} bytes are too few for a safetensors header`);
  const length = bytes.readBigUInt64LE();
  if (length > BigInt(bytes.length - 8)) {
    throw refuse(0, `a header of ${length} bytes in a file of ${bytes.length}`);
  }
  if (length > mostHeaderBytes) throw refuse(0, `a header of ${length} bytes; ${mostHeaderBytes} are the most`);
  const dataOffset = 8 + Number(length);
  const size = bytes.length - dataOffset;

  let header: unknown;
  try {
    header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataOffset)),
    );
  } catch (cause) {
    throw refuse(8, 'the header is not JSON', { cause });
  }
  if (!isRecord(header)) throw refuse(8, 'the header is not a JSON object');

  const metadata = Object.hasOwn(header, METADATA) ? header[METADATA] : {};
  if (!isRecord(metadata) || !Object.values(metadata).every((value) => typeof value === 'string')) {
    throw refuse(8, `${METADATA} is not a map of strings`);
  }

  const entries = Object.entries(header)
    .filter(([name]) => name !== METADATA)
    .map(([name, value]): TensorEntry<Known> => {
      const what = `tensor ${shown(name)}`;
      const { dtype, shape, data_offsets: offsets } = isRecord(value) ? value : {};
      if (typeof dtype !== 'string' || !Object.hasOwn(known, dtype)) {
        const fault = `${what} has dtype ${shown(dtype)}; known are ${Object.keys(known).join(', ')}`;
        throw refuse(
          8,
          fault,
          typeof dtype === 'string' && formatDtype.test(dtype) ? { hint: 'Save this tensor as float32.' } : {},
        );
      }
      if (!isSizes(shape)) throw refuse(8, `${what} has no valid shape: ${shown(shape)}`);
      if (shape.length > mostDimensions) throw refuse(8, `${what} has ${shape.length} dimensions`);
      if (!isSizes(offsets) || offsets.length !== 2) {
        throw refuse(8, `${what} has no valid data_offsets: ${shown(offsets)}`);
      }
      const [begin, end] = offsets as [number, number];
      if (begin > end || end > size) {
        throw refuse(dataOffset + begin, `${what} ends outside the file's ${size} bytes of data`);
      }
      const needed = shape.reduce((product, side) => product * side, known[dtype as Known].bytes);
      if (needed !== end - begin) {
        const fault = `${what} of shape [${shape.join(', ')}] needs ${needed} bytes and has ${end - begin}`;
        throw refuse(dataOffset + begin, fault);
      }
      // TensorFlow multiplies sizes one by one, also where a 0 among them leaves nothing.
      if (shape.reduce((product, side) => product * (side || 1), 1) > Number.MAX_SAFE_INTEGER)
        throw refuse(8, `${what} has sizes that multiply to too much: ${shown(shape)}`);
      return { name, dtype: dtype as Known, shape, begin, end };
    })
    .sort((a, b) => a.begin - b.begin || a.end - b.end);

  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      throw refuse(
        dataOffset + begin,
        `tensor ${shown(name)} ${begin < covered ? 'overlaps another' : 'follows a gap'}`,
      );
    }
    covered = end;
  }
  if (covered !== size) throw refuse(dataOffset + covered, `${size - covered} bytes belong to no tensor`);
  return { entries, metadata: metadata as Record<string, string>, dataOffset };
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSizes = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && (side as number) >= 0);

/** A value as errors show it: never deep, and cut short. */
function shown(value: unknown, deep = true): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 100));
  if (!Array.isArray(value) || !deep) return typeof value === 'object' && value !== null ? '...' : String(value);
  const items = value.slice(0, mostDimensions).map((item) => shown(item, false));
  return `[${items.join(', ')}${value.length > items.length ? ', ...' : ''}]`;
}
