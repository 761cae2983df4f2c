import { tf } from '../../engine/index.js';
import type { Linearisation, Params, Variables } from '../layer.js';
import { holding } from './holding.js';

/** A function's value and its new running statistics; both belong to the caller. */
export interface Evaluated {
  readonly output: tf.Tensor;
  readonly stateUpdate: Params;
}

/**
 * Linear maps of any function by the tape: the pullback is its gradient, the pushforward comes from pulling back twice
 * (J v is the gradient in u of <J^T u, v>). Each map evaluates the function anew.
 * @param evaluate must use operations that the tape differentiates twice (see `second-order`)
 * @param paramNames names of the parameters that it reads
 */
export function taped(
  evaluate: (variables: Variables, x: tf.Tensor) => Evaluated,
  paramNames: readonly string[],
  variables: Variables,
  x: tf.Tensor,
): Linearisation {
  const here = evaluate(variables, x);
  const held = holding(variables, here.stateUpdate);
  const points = [...paramNames.map((name) => variables.params[name]!), x];
  const output = (...values: tf.Tensor[]): tf.Tensor => {
    const params = Object.fromEntries(paramNames.map((name, i) => [name, values[i]!]));
    const all = { params: { ...held.params, ...params }, state: held.state };
    const { output: y, stateUpdate } = evaluate(all, values.at(-1)!);
    tf.dispose(stateUpdate);
    return y;
  };
  const pull = (u: tf.Tensor): tf.Tensor[] => tf.grads(output)(points, u);

  return {
    ...here,
    pullback(cotangent, { input }) {
      const gradients = tf.tidy(() => pull(cotangent));
      const inputGradient = gradients.pop()!;
      const params = Object.fromEntries(paramNames.map((name, i) => [name, gradients[i]!]));
      if (input) return { params, input: inputGradient };
      inputGradient.dispose();
      return { params };
    },
    pushforward(tangents, input) {
      const directions = [...paramNames.map((name) => tangents[name]), input];
      if (directions.every((direction) => direction === undefined)) return undefined;
      return tf.tidy(() => {
        const along = (u: tf.Tensor): tf.Scalar =>
          tf.addN(
            pull(u).flatMap((gradient, i) => (directions[i] ? [tf.sum(tf.mul(gradient, directions[i]))] : [])),
          ) as tf.Scalar;
        return tf.grad(along)(tf.zeros(here.output.shape));
      });
    },
    [Symbol.dispose]() {
      tf.dispose([here.output, here.stateUpdate]);
      held[Symbol.dispose]();
    },
  };
}
