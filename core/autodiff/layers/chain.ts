import { Scope } from '../../engine/index.js';
import type { tf } from '../../engine/index.js';
import type { Layer, Linearisation, Params, Shape, Variables } from '../layer.js';

/** Layers in a row. Each activation lives only as long as some linear map reads it. */
export function chain(...layers: readonly Layer[]): Layer {
  return {
    retains: { input: layers[0]?.retains.input ?? false, output: layers.at(-1)?.retains.output ?? false },

    outputShape: (input: Shape) => layers.reduce((shape, layer) => layer.outputShape(shape), input),

    init(input, random) {
      const all: Variables = { params: {}, state: {} };
      let shape = input;
      for (const layer of layers) {
        const { params, state } = layer.init(shape, random);
        Object.assign(all.params, params);
        Object.assign(all.state, state);
        shape = layer.outputShape(shape);
      }
      return all;
    },

    apply(variables, x, mode) {
      let output = x;
      for (const layer of layers) {
        const next = layer.apply(variables, output, mode);
        if (output !== x) output.dispose();
        output = next;
      }
      return output === x ? x.clone() : output;
    },

    linearize(variables, x, mode): Linearisation {
      const scope = new Scope();
      const points: Linearisation[] = [];
      const stateUpdate: Record<string, tf.Tensor> = {};
      try {
        let activation = x;
        for (const [i, layer] of layers.entries()) {
          const point = scope.own(layer.linearize(variables, activation, mode));
          const before = layers[i - 1];
          if (before && !before.retains.output && !layer.retains.input) activation.dispose();
          Object.assign(stateUpdate, point.stateUpdate);
          points.push(point);
          activation = point.output;
        }
        const output = points.length > 0 ? activation : scope.own(x.clone());
        return { output, stateUpdate, pullback, pushforward, [Symbol.dispose]: () => scope[Symbol.dispose]() };
      } catch (error) {
        scope[Symbol.dispose]();
        throw error;
      }

      function pullback(cotangent: tf.Tensor, { input, release = false }: { input: boolean; release?: boolean }) {
        const gradients: Record<string, tf.Tensor> = {};
        let current: tf.Tensor = cotangent;
        for (let i = points.length - 1; i >= 0; i--) {
          const pulled = points[i]!.pullback(current, { input: input || i > 0, release });
          if (release) points[i]![Symbol.dispose]();
          if (current !== cotangent) current.dispose();
          Object.assign(gradients, pulled.params);
          if (!pulled.input) return { params: gradients };
          current = pulled.input;
        }
        return { params: gradients, input: current === cotangent ? cotangent.clone() : current };
      }

      function pushforward(tangents: Params, input?: tf.Tensor): tf.Tensor | undefined {
        let current = input;
        for (const point of points) {
          const next = point.pushforward(tangents, current);
          if (current && current !== input) current.dispose();
          current = next;
        }
        return current === input ? input?.clone() : current;
      }
    },
  };
}
