import { Scope } from '../../engine/index.js';
import type { tf } from '../../engine/index.js';
import type { Layer, Linearisation, Params, PullbackOptions, Shape, Variables } from '../layer.js';
import { selectParams } from '../params.js';
import { atLayer } from './layer-failure.js';
import type { Place } from './layer-failure.js';

/** The layers of every chain, so that a chain inside a chain is taken apart: then activations die one by one. */
const links = new WeakMap<Layer, readonly Layer[]>();

/**
 * Layers in a row. Each activation lives only as long as some linear map reads it.
 * @throws RunError where a layer fails, naming it and the shapes
 */
export function chain(...parts: readonly Layer[]): Layer {
  const layers = parts.flatMap((part) => links.get(part) ?? [part]);
  const named = layers.findLast(({ name }) => name !== undefined)?.name;

  /** Whether the linear maps read the output of layer `i`. */
  const isRetained = (i: number): boolean => layers[i]!.retains.output || (layers[i + 1]?.retains.input ?? false);

  function place(i: number, map: string, input: readonly number[], { params }: Pick<Variables, 'params'>): Place {
    const { name } = layers[i]!;
    const before = layers.slice(0, i).findLast((layer) => layer.name !== undefined)?.name;
    const layer = name ?? (before === undefined ? `${i + 1} of ${layers.length}` : `after ${before}`);
    return { layer, map, input, params: name === undefined ? {} : selectParams(params, `${name}/`) };
  }

  const whole: Layer = {
    ...(named === undefined ? {} : { name: named }),
    retains: { input: layers[0]?.retains.input ?? false, output: layers.at(-1)?.retains.output ?? false },

    outputShape: (input: Shape) => layers.reduce((shape, layer) => layer.outputShape(shape), input),

    describe: () => ({ chain: layers }),

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
      for (const [i, layer] of layers.entries()) {
        const input = output;
        output = atLayer(
          () => place(i, 'forward', input.shape, variables),
          () => layer.apply(variables, input, mode),
        );
        if (input !== x) input.dispose();
      }
      return output === x ? x.clone() : output;
    },

    linearize(variables, x, mode): Linearisation {
      const scope = new Scope();
      const points: Linearisation[] = [];
      const stateUpdate: Record<string, tf.Tensor> = {};
      const inputOf = (i: number): tf.Tensor => points[i - 1]?.output ?? x;
      const at = <T>(i: number, map: string, compute: () => T): T =>
        atLayer(() => place(i, map, inputOf(i).shape, variables), compute);
      try {
        for (const [i, layer] of layers.entries()) {
          const point = scope.own(at(i, 'forward', () => layer.linearize(variables, inputOf(i), mode)));
          if (i > 0 && !isRetained(i - 1)) inputOf(i).dispose();
          Object.assign(stateUpdate, point.stateUpdate);
          points.push(point);
        }
        const output = points.at(-1)?.output ?? scope.own(x.clone());
        return { output, stateUpdate, pullback, pushforward, [Symbol.dispose]: () => scope[Symbol.dispose]() };
      } catch (error) {
        scope[Symbol.dispose]();
        throw error;
      }

      function pullback(cotangent: tf.Tensor, { input, release = false }: PullbackOptions) {
        const gradients: Record<string, tf.Tensor> = {};
        let current: tf.Tensor = cotangent;
        for (let i = points.length - 1; i >= 0; i--) {
          const pulled = at(i, 'pullback', () => points[i]!.pullback(current, { input: input || i > 0, release }));
          if (release) {
            points[i]![Symbol.dispose]();
            if (i > 0 && !layers[i - 1]!.retains.output) points[i - 1]!.output.dispose();
          }
          if (current !== cotangent) current.dispose();
          Object.assign(gradients, pulled.params);
          if (!pulled.input) return { params: gradients };
          current = pulled.input;
        }
        if (!input) return { params: gradients };
        return { params: gradients, input: current === cotangent ? cotangent.clone() : current };
      }

      function pushforward(tangents: Params, input?: tf.Tensor): tf.Tensor | undefined {
        let current = input;
        for (const [i, point] of points.entries()) {
          const next = at(i, 'pushforward', () => point.pushforward(tangents, current));
          if (current && current !== input) current.dispose();
          current = next;
        }
        return current === input ? input?.clone() : current;
      }
    },
  };
  links.set(whole, layers);
  return whole;
}
