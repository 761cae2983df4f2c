import type { Params } from '../../../core/autodiff/index.js';
import type { tf } from '../../../core/engine/index.js';
import { toParams } from './names.js';
import { valuesOf } from './trace.js';
import type { TensorJson, TensorsJson } from './trace.js';

/** Largest relative errors by what was compared. */
export class Errors {
  readonly largest: Record<string, number> = {};

  number(what: string, ours: number, theirs: number): void {
    this.add(what, Math.abs(ours - theirs), Math.abs(theirs));
  }

  /** Cosines of gradients, which may well be near 0, relative to the 1 that they range to. */
  cosine(what: string, ours: number, theirs: number): void {
    this.add(what, Math.abs(ours - theirs), 1);
  }

  /** The norm of the difference over the norm of the reference. */
  tensor(what: string, ours: tf.Tensor, theirs: TensorJson): void {
    const [difference, norm] = distances(ours.dataSync(), valuesOf(theirs));
    this.add(what, Math.sqrt(difference), Math.sqrt(norm));
  }

  /** The same over all tensors as one vector. */
  params(what: string, ours: Params, theirs: TensorsJson): void {
    const reference = toParams(theirs);
    let [difference, norm] = [0, 0];
    for (const [name, tensor] of Object.entries(reference)) {
      using expected = tensor;
      const [d, n] = ours[name] ? distances(ours[name].dataSync(), expected.dataSync()) : [Infinity, 0];
      difference += d;
      norm += n;
    }
    this.add(what, Math.sqrt(difference), Math.sqrt(norm));
  }

  private add(what: string, difference: number, norm: number): void {
    const error = difference === 0 ? 0 : difference / norm;
    this.largest[what] = Math.max(this.largest[what] ?? 0, Number.isNaN(error) ? Infinity : error);
  }
}

/** Squared norms of the difference and of the reference, in double precision. */
function distances(ours: ArrayLike<number>, theirs: ArrayLike<number>): [number, number] {
  if (ours.length !== theirs.length) return [Infinity, 0];
  let [difference, norm] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    difference += (ours[i]! - theirs[i]!) ** 2;
    norm += theirs[i]! ** 2;
  }
  return [difference, norm];
}
