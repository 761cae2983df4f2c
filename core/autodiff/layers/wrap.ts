import { tf } from '../../engine/index.js';
import type { Layer, Mode, Params, Shape, Variables } from '../layer.js';

export interface WrapOptions {
  outputShape(input: Shape): Shape;
  init?: Layer['init'];
}

/**
 * Makes a layer of any tfjs function: the pullback comes from the tape, the pushforward from pulling back twice
 * (J v is the gradient in u of <J^T u, v>). The function is evaluated anew for each map, so hand-written layers are faster.
 * @param apply must use operations that the tape differentiates twice (see `second-order`), and no state of its own
 * @param paramNames names of the parameters that `apply` reads
 */
export function wrap(
  apply: (variables: Variables, x: tf.Tensor, mode: Mode) => tf.Tensor,
  paramNames: readonly string[],
  { outputShape, init = () => ({ params: {}, state: {} }) }: WrapOptions,
): Layer {
  return {
    retains: { input: true, output: false },
    outputShape,
    init,
    apply: (variables, x, mode) => tf.tidy(() => apply(variables, x, mode)),
    linearize(variables, x, mode) {
      const points = [...paramNames.map((name) => variables.params[name]!), x];
      const evaluate = (...values: tf.Tensor[]): tf.Tensor => {
        const params = Object.fromEntries(paramNames.map((name, i) => [name, values[i]!]));
        return apply({ params: { ...variables.params, ...params }, state: variables.state }, values.at(-1)!, mode);
      };
      const output = tf.tidy(() => evaluate(...points));
      const pull = (u: tf.Tensor): tf.Tensor[] => tf.grads(evaluate)(points, u);

      return {
        output,
        stateUpdate: {},
        pullback(cotangent, { input }) {
          const gradients = tf.tidy(() => pull(cotangent));
          const inputGradient = gradients.pop()!;
          const params = Object.fromEntries(paramNames.map((name, i) => [name, gradients[i]!]));
          if (input) return { params, input: inputGradient };
          inputGradient.dispose();
          return { params };
        },
        pushforward(tangents: Params, input) {
          const directions = [...paramNames.map((name) => tangents[name]), input];
          if (directions.every((direction) => direction === undefined)) return undefined;
          return tf.tidy(() => {
            const along = (u: tf.Tensor): tf.Scalar =>
              tf.addN(
                pull(u).flatMap((gradient, i) => (directions[i] ? [tf.sum(tf.mul(gradient, directions[i]))] : [])),
              ) as tf.Scalar;
            return tf.grad(along)(tf.zerosLike(output));
          });
        },
        [Symbol.dispose]: () => output.dispose(),
      };
    },
  };
}
