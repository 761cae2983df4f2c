import type { Layer, Linearisation } from '../layer.js';
import { disposeParams, mapParams } from '../params.js';
import { holding } from './holding.js';

/**
 * Trades time for memory (Chen et al. 2016, "Training deep nets with sublinear memory cost"): a linearisation of `layer`
 * that keeps its output alone, and runs the layer once more for every pullback and pushforward. The numbers are the same.
 */
export const recompute = (layer: Layer): Layer => ({
  ...layer,
  retains: { input: true, output: false },
  linearize(variables, x, mode): Linearisation {
    const first = layer.linearize(variables, x, mode);
    const output = first.output.clone();
    const stateUpdate = mapParams(first.stateUpdate, (tensor) => tensor.clone());
    first[Symbol.dispose]();
    const held = holding(variables, stateUpdate);
    const again = (): Linearisation => layer.linearize(held, x, mode);
    return {
      output,
      stateUpdate,
      pullback(cotangent, { input }) {
        using point = again();
        return point.pullback(cotangent, { input, release: true });
      },
      pushforward(tangents, input) {
        using point = again();
        return point.pushforward(tangents, input);
      },
      [Symbol.dispose]() {
        output.dispose();
        disposeParams(stateUpdate);
        held[Symbol.dispose]();
      },
    };
  },
});
