import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { disposable, disposeVariables, mapParams, selectParams } from '../../core/autodiff/index.js';
import type { Layer, Params } from '../../core/autodiff/index.js';
import { decodeWeights } from '../../core/checkpoint/index.js';
import { ConfigError, DataError } from '../../core/errors/index.js';
import { path } from '../../core/plugins/index.js';
import { misfits, refuseNotFinite, some } from '../../core/weights/index.js';

/** The key of every model that can start from weights in a file. */
export const weightsKey = z
  .union([path(), z.strictObject({ file: path(), part: z.enum(['whole', 'trunk']).default('whole') })])
  .describe('safetensors file to start from; with `part: trunk` the heads start anew')
  .optional();
type Weights = z.output<typeof weightsKey>;

/** What the names of tensors begin with: the trunk, the heads of the main network, the head of a label network. */
const parts = ['trunk/', 'primary/', 'auxiliary/', 'labels/'];

/**
 * `layer`, starting from the tensors below `part/` in a safetensors file, whose names and shapes must be its own. A head that
 * the file has nothing of starts anew, and so do all where `weights` says so.
 * @param part `trunk`, or a head's name
 * @returns a layer whose `init` throws a ConfigError for tensors that don't fit, and a DataError for a file that can't be
 *   read or holds numbers that aren't finite
 */
export function pretrained(weights: Weights, part: string, layer: Layer): Layer {
  const { file, part: wanted = 'whole' } = typeof weights === 'string' ? { file: weights } : (weights ?? {});
  const isTrunk = part === 'trunk';
  if (file === undefined || (wanted === 'trunk' && !isTrunk)) return layer;
  return {
    ...layer,
    init(input, random) {
      using all = disposable(read(file));
      const own = selectParams(all.params, `${part}/`);
      const fresh = layer.init(input, random);
      if (!isTrunk && Object.keys(own).length === 0) return fresh;
      try {
        // Tensors of no part at all are the trunk's to complain about.
        const strays = isTrunk && wanted === 'whole' ? strangers(all.params) : {};
        const faults = misfits({ ...own, ...strays }, { ...fresh.params, ...fresh.state });
        if (faults.length > 0) throw refusal(file, part, faults);
        refuseNotFinite(file, own);
        return { params: taken(fresh.params, own), state: taken(fresh.state, own) };
      } finally {
        disposeVariables(fresh);
      }
    },
  };
}

function read(file: string): Params {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw new DataError('data/unreadable', `can't read ${file}: ${(cause as Error).message}`, {
      cause,
      hint: 'A relative path counts from the file it is written in.',
    });
  }
  return decodeWeights(file, bytes).tensors;
}

const strangers = (all: Params): Params =>
  Object.fromEntries(Object.entries(all).filter(([name]) => !parts.some((part) => name.startsWith(part))));

/** The tensors of `wanted`'s names, by handles of their own. */
const taken = (wanted: Params, from: Params): Params => mapParams(wanted, (_, name) => from[name]!.clone());

function refusal(file: string, part: string, faults: readonly string[]): ConfigError {
  const hint =
    part === 'trunk'
      ? 'The model that the weights are of has other sizes or names.'
      : `For another number of classes, write weights: { file: ..., part: trunk }: the heads then start anew.`;
  return ConfigError.of(
    'model/weights',
    ['model', 'weights'],
    `the ${part} doesn't fit ${file}:\n  ${some(faults)}`,
    hint,
  );
}
