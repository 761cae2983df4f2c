import { tf } from '../engine/index.js';
import type { Params, Variables } from './layer.js';
import * as native from './native/index.js';

/** Applies `f` to every tensor; a name absent from `others` arrives as `undefined`. The result belongs to the caller. */
export function mapParams(
  params: Params,
  f: (tensor: tf.Tensor, name: string, ...others: (tf.Tensor | undefined)[]) => tf.Tensor,
  ...others: Params[]
): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, tensor]) => [
      name,
      tf.tidy(() => f(tensor, name, ...others.map((other) => other[name]))),
    ]),
  );
}

/** Handles of their own on the same values; owned by the caller. */
export const cloneParams = (params: Params): Params => mapParams(params, (tensor) => tensor.clone());

export const disposeParams = (...all: (Params | undefined)[]): void => {
  for (const params of all) if (params) for (const tensor of Object.values(params)) tensor.dispose();
};

export const disposeVariables = ({ params, state }: Variables): void => disposeParams(params, state);

/** Parameters as a resource: `using g = disposable(point.pullback(u))` frees every tensor at the end of the block. */
export const disposable = <P extends Params>(params: P): { readonly params: P } & Disposable => ({
  params,
  [Symbol.dispose]: () => disposeParams(params),
});

/** `scale` * `params`; owned by the caller. */
export const scaleParams = (params: Params, scale: number): Params =>
  mapParams(params, (tensor) => tf.mul(tensor, scale));

/** The sum over all names of any argument, absent ones counting as zero; owned by the caller. */
export function addParams(...all: Params[]): Params {
  const names = new Set(all.flatMap((params) => Object.keys(params)));
  return Object.fromEntries(
    [...names].map((name) => {
      const terms = all.flatMap((params) => params[name] ?? []);
      return [name, terms.length === 1 ? terms[0]!.clone() : tf.addN(terms)];
    }),
  );
}

/** The entries whose name begins with `prefix`; the tensors stay with their owner. */
export const selectParams = (params: Params, prefix: string): Params =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name.startsWith(prefix)));

/** Inner product over the names that both have, summed over them in double precision. */
export const dotParams = (a: Params, b: Params): number =>
  total(() =>
    Object.entries(a).flatMap(([name, tensor]) => {
      const other = b[name];
      return other ? [tf.reshape(native.matMul(tf.reshape(tensor, [1, -1]), tf.reshape(other, [-1, 1])), [])] : [];
    }),
  );

/** L2 norm of all entries as one vector. */
export const normParams = (params: Params): number =>
  Math.sqrt(2 * total(() => Object.values(params).map((tensor) => native.halfSquares(tensor))));

/** The sum of scalars, read at once. */
function total(scalars: () => tf.Tensor[]): number {
  const values = tf.tidy(() => {
    const list = scalars();
    return list.length > 0 ? tf.stack(list) : tf.tensor1d([]);
  });
  using owned = values;
  return owned.dataSync<'float32'>().reduce((sum, value) => sum + value, 0);
}

/** Number of scalars. */
export const countParams = (params: Params): number =>
  Object.values(params).reduce((total, tensor) => total + tensor.size, 0);
