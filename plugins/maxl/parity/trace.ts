import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { tf } from '../../../core/engine/index.js';
import { DataError } from '../../../core/errors/index.js';
import { shapeFault } from './trace-shapes.js';

const TensorJson = z.object({
  /** TensorFlow ends the process where there are more dimensions than it can count. */
  shape: z.array(z.int().min(0)).max(8),
  dtype: z.enum(['float32', 'int32']),
  base64: z.base64(),
});
export type TensorJson = z.output<typeof TensorJson>;

const TensorsJson = z.record(z.string(), TensorJson);
export type TensorsJson = z.output<typeof TensorsJson>;

/** A trace of the published reference: weights, batches, and what every training and meta-step made of them. */
export const Trace = z.object({
  config: z.object({
    filters: z.array(z.int().min(1)).length(5),
    psi: z.array(z.int().min(1)).min(1),
    batch: z.int().min(2),
    focalGamma: z.number().min(0),
    entropyWeight: z.number().min(0),
    innerLearningRate: z.number().gt(0),
    mainOptimizer: z.object({ sgd: z.number().gt(0) }),
    labelOptimizer: z.object({ sgd: z.number().gt(0), weightDecay: z.number().min(0) }),
  }),
  inputs: z.array(TensorJson).min(1),
  primaryLabels: z.array(TensorJson).min(1),
  initial: z.object({ multiTask: TensorsJson, labelGenerator: TensorsJson }),
  afterTrain: z.object({ multiTask: TensorsJson }),
  afterMeta: z.object({ labelGenerator: TensorsJson }),
  trace: z.object({
    train: z.array(
      z.object({
        primaryLoss: z.number(),
        auxiliaryLoss: z.number(),
        gradientCosineShared: z.number(),
        gradientCosineReferenceRowwise: z.number(),
        auxiliaryLabels: TensorJson,
        primaryProbabilities: TensorJson,
        auxiliaryProbabilities: TensorJson,
      }),
    ),
    meta: z.array(
      z.object({
        primaryLossBefore: z.number(),
        primaryLossAfterInnerStep: z.number(),
        entropyTerm: z.number(),
        metaGradientNorm: z.number(),
        metaGradient: TensorsJson,
        totalGradient: TensorsJson,
      }),
    ),
  }),
  conditioning: z.object({ float32AgainstFloat64: z.number().min(0) }).optional(),
});
export type Trace = z.output<typeof Trace>;

/** @throws DataError for a file that is missing, no JSON, or no trace */
export async function readTrace(file: string): Promise<Trace> {
  const refuse = (fault: string, cause?: unknown): DataError =>
    new DataError('data/trace', `${file}: ${fault}`, {
      cause,
      hint: 'give a trace of the published reference, as JSON',
    });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw refuse(`can't be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown fault'})`, cause);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw refuse('is no JSON', cause);
  }
  const { success, data, error } = Trace.safeParse(json);
  if (!success) {
    const places = error.issues.map(({ path }) => path.join('.').slice(0, 100) || 'the whole file');
    const shown = places.slice(0, 5).join(', ');
    throw refuse(`is no trace: ${shown}${places.length > 5 ? ', ...' : ''} missing or of the wrong form`, error);
  }
  if (data.inputs.length !== data.primaryLabels.length) throw refuse('inputs and primaryLabels differ in number');
  for (const [where, tensor] of tensorsOf(data, 'trace')) {
    const size = tensor.shape.reduce((product, dimension) => product * dimension, 1);
    const bytes = Buffer.from(tensor.base64, 'base64').length;
    if (bytes !== size * 4) throw refuse(`${where.slice(0, 200)} holds ${bytes} bytes, its shape wants ${size * 4}`);
  }
  const fault = shapeFault(data);
  if (fault !== undefined) throw refuse(fault);
  const labels = data.primaryLabels.flatMap((json) => [...valuesOf(json)]);
  const bad = labels.find((label) => label < 0 || label >= data.config.psi.length);
  if (bad !== undefined) throw refuse(`primaryLabels holds ${bad}; config.psi has ${data.config.psi.length} classes`);
  return data;
}

/** Values of a tensor, little-endian in the file. */
export function valuesOf({ dtype, base64 }: TensorJson): Float32Array | Int32Array {
  const bytes = Buffer.from(base64, 'base64');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const length = bytes.length / 4;
  return dtype === 'float32'
    ? Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true))
    : Int32Array.from({ length }, (_, i) => view.getInt32(4 * i, true));
}

/** The tensor itself, owned by the caller. */
export const toTensor = (json: TensorJson): tf.Tensor => tf.tensor(valuesOf(json), json.shape, json.dtype);

function* tensorsOf(value: unknown, where: string): Iterable<[string, TensorJson]> {
  if (typeof value !== 'object' || value === null) return;
  if ('base64' in value) yield [where, value as TensorJson];
  else for (const [key, inner] of Object.entries(value)) yield* tensorsOf(inner, `${where}.${key}`);
}
