import { tf } from '../../engine/index.js';
import type { Layer, Mode, Shape, Variables } from '../layer.js';
import { taped } from './taped.js';

export interface WrapOptions {
  outputShape(input: Shape): Shape;
  init?: Layer['init'];
  /** What `apply` is in evaluation, for exports. */
  describe?: Layer['describe'];
}

/**
 * Makes a layer of any tfjs function: the pullback comes from the tape, the pushforward from pulling back twice.
 * The function is evaluated anew for each map, so hand-written layers are faster.
 * @param apply must use operations that the tape differentiates twice (see `second-order`), and no state of its own
 * @param paramNames names of the parameters that `apply` reads
 */
export function wrap(
  apply: (variables: Variables, x: tf.Tensor, mode: Mode) => tf.Tensor,
  paramNames: readonly string[],
  { outputShape, init = () => ({ params: {}, state: {} }), describe }: WrapOptions,
): Layer {
  const tidied: Layer['apply'] = (variables, x, mode) => tf.tidy(() => apply(variables, x, mode));
  return {
    retains: { input: true, output: false },
    outputShape,
    init,
    ...(describe && { describe }),
    apply: tidied,
    linearize: (variables, x, mode) =>
      taped((all, input) => ({ output: tidied(all, input, mode), stateUpdate: {} }), paramNames, variables, x),
  };
}
