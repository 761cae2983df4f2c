import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';

type Term = readonly [coefficient: number, params: Params];

/** The sum of coefficient * params over the terms, absent entries counting as zero; owned by the caller. */
export const weigh = (...terms: readonly Term[]): Params => sum(terms, (coefficient) => coefficient);

/** The same over the shared trunk; what belongs to a head is added as it is. */
export const weighTrunk = (...terms: readonly Term[]): Params =>
  sum(terms, (coefficient, name) => (name.startsWith('trunk/') ? coefficient : 1));

function sum(terms: readonly Term[], coefficientOf: (coefficient: number, name: string) => number): Params {
  const names = new Set(terms.flatMap(([, params]) => Object.keys(params)));
  const add = (name: string): tf.Tensor =>
    tf.addN(
      terms.flatMap(([coefficient, { [name]: tensor }]) =>
        tensor ? [tf.mul(tensor, coefficientOf(coefficient, name))] : [],
      ),
    );
  return Object.fromEntries([...names].map((name) => [name, tf.tidy(() => add(name))]));
}
