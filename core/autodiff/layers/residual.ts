import { Scope, tf } from '../../engine/index.js';
import type { Layer, Linearisation, Params, Variables } from '../layer.js';
import { chain } from './chain.js';

/**
 * A residual block (He et al. 2016): y = body(x) + shortcut(x).
 * @param shortcut to the shape of the body's output; the identity by default
 */
export function residual(body: Layer, shortcut: Layer = chain()): Layer {
  const branches = [body, shortcut] as const;
  return {
    ...(body.name === undefined ? {} : { name: body.name }),
    retains: { input: body.retains.input || shortcut.retains.input, output: false },

    outputShape: (input) => body.outputShape(input),

    describe: () => ({ sum: branches }),

    init(input, random): Variables {
      const [first, second] = [body.init(input, random), shortcut.init(input, random)];
      return { params: { ...first.params, ...second.params }, state: { ...first.state, ...second.state } };
    },

    apply: (variables, x, mode) =>
      tf.tidy(() => tf.add(body.apply(variables, x, mode), shortcut.apply(variables, x, mode))),

    linearize(variables, x, mode): Linearisation {
      const scope = new Scope();
      try {
        const points = branches.map((branch) => scope.own(branch.linearize(variables, x, mode)));
        const [first, second] = points as [Linearisation, Linearisation];
        const output = scope.own(tf.add(first.output, second.output));
        for (const [i, branch] of branches.entries()) if (!branch.retains.output) points[i]!.output.dispose();
        return {
          output,
          stateUpdate: { ...first.stateUpdate, ...second.stateUpdate },
          pullback(cotangent, want) {
            const a = first.pullback(cotangent, want);
            const b = second.pullback(cotangent, want);
            const params: Params = { ...a.params, ...b.params };
            if (!want.input) return { params };
            using inBody = a.input!;
            using inShortcut = b.input!;
            return { params, input: tf.add(inBody, inShortcut) };
          },
          pushforward(tangents, input) {
            const a = first.pushforward(tangents, input);
            const b = second.pushforward(tangents, input);
            if (!a || !b) return a ?? b;
            const sum = tf.add(a, b);
            tf.dispose([a, b]);
            return sum;
          },
          [Symbol.dispose]: () => scope[Symbol.dispose](),
        };
      } catch (error) {
        scope[Symbol.dispose]();
        throw error;
      }
    },
  };
}
