import type { Params } from '../autodiff/index.js';
import { nearest } from '../plugins/index.js';

/**
 * What keeps a file's tensors from being the weights of a network: a sentence for each that is missing, misshapen, of another
 * dtype or surplus; none where they fit. Everything is borrowed.
 * @param wanted the network's own, float32
 */
export function misfits(tensors: Params, wanted: Params): string[] {
  const surplus = Object.keys(tensors).filter((name) => !Object.hasOwn(wanted, name));
  const faults = Object.entries(wanted).flatMap(([name, { shape, dtype }]) => {
    const tensor = Object.hasOwn(tensors, name) ? tensors[name] : undefined;
    if (!tensor) return `"${name}" [${shape.join(', ')}] is missing${near(name, surplus, 'the file has')}`;
    if (tensor.dtype !== dtype) return `"${name}" is ${tensor.dtype}, expected ${dtype}`;
    if (tensor.shape.join() === shape.join()) return [];
    return `"${name}" is [${tensor.shape.join(', ')}], expected [${shape.join(', ')}]`;
  });
  const strangers = surplus.map(
    (name) => `"${name}" is no tensor of this network${near(name, Object.keys(wanted), 'the nearest is')}`,
  );
  return [...faults, ...strangers];
}

function near(name: string, names: readonly string[], lead: string): string {
  const found = nearest(name, names);
  return found === undefined ? '' : `; ${lead} "${found}"`;
}
