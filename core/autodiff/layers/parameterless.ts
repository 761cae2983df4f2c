import type { tf } from '../../engine/index.js';
import type { Layer, LayerDescription, Mode, Shape } from '../layer.js';

/** A function at one point with its Jacobian as two maps; what they return belongs to the caller. */
interface Maps {
  readonly output: tf.Tensor;
  pullback(cotangent: tf.Tensor): tf.Tensor;
  pushforward(tangent: tf.Tensor): tf.Tensor;
  /** Saved beside the output; freed with the linearisation. */
  readonly saved?: tf.Tensor;
}

interface ParameterlessOptions {
  readonly name?: string;
  readonly retains: Layer['retains'];
  readonly outputShape: Layer['outputShape'];
  describe(input: Shape): LayerDescription;
  apply(x: tf.Tensor, mode: Mode): tf.Tensor;
  at(x: tf.Tensor, mode: Mode): Maps;
}

/** A layer without variables, of its function and its maps. */
export const parameterless = ({ apply, at, ...rest }: ParameterlessOptions): Layer => ({
  ...rest,
  init: () => ({ params: {}, state: {} }),
  apply: (_, x, mode) => apply(x, mode),
  linearize(_, x, mode) {
    const { output, pullback, pushforward, saved } = at(x, mode);
    return {
      output,
      stateUpdate: {},
      pullback: (cotangent, { input }) => (input ? { params: {}, input: pullback(cotangent) } : { params: {} }),
      pushforward: (_, input) => input && pushforward(input),
      [Symbol.dispose]() {
        output.dispose();
        saved?.dispose();
      },
    };
  },
});

export const sameShape = (input: Shape): Shape => input;
