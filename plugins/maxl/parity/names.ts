import type { Params } from '../../../core/autodiff/index.js';
import { toTensor } from './trace.js';
import type { TensorsJson } from './trace.js';

const heads: Readonly<Record<string, string>> = {
  classifier: 'labels',
  classifier1: 'primary',
  classifier2: 'auxiliary',
};

/** Our name for a parameter of the reference: `block3.4.bias` is the offset of the second batch norm of block 3. */
export function ourName(theirs: string): string {
  const [, part, index, key] = /^([a-z]+\d*)\.(\d+)\.(weight|bias)$/.exec(theirs) ?? [];
  const head = part && heads[part];
  if (head) return `${head}/${index === '0' ? 'hidden' : 'logits'}/${key === 'weight' ? 'kernel' : 'bias'}`;
  if (!part?.startsWith('block')) throw new Error(`the trace has a parameter of an unknown name, ${theirs}`);
  const layer = `trunk/${part}/${Math.floor(Number(index) / 3) + 1}`;
  return Number(index) % 3 === 0
    ? `${layer}/conv/${key === 'weight' ? 'kernel' : 'bias'}`
    : `${layer}/norm/${key === 'weight' ? 'scale' : 'offset'}`;
}

/** The reference's parameters under our names; owned by the caller. */
export const toParams = (tensors: TensorsJson): Params =>
  Object.fromEntries(Object.entries(tensors).map(([name, json]) => [ourName(name), toTensor(json)]));
