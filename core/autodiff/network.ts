import { Scope, tf } from '../engine/index.js';
import type { Generator } from '../engine/index.js';
import type { Layer, Linearisation, Mode, Params, Shape, Variables } from './layer.js';
import { chain } from './layers/chain.js';
import { disposeVariables, selectParams } from './params.js';

/** Tensors by head name. */
export type Outputs = Readonly<Record<string, tf.Tensor>>;

/** A network at one point: one output per head, and its Jacobian as two linear maps. Owns its outputs. */
export interface NetworkLinearisation extends Disposable {
  readonly outputs: Outputs;
  /**
   * Gradients for cotangents of some heads (borrowed), summed; a parameter that none reaches is absent. Owned by the caller.
   * @param options.release this is the last use: activations are freed on the way
   */
  pullback(cotangents: Outputs, options?: { readonly release?: boolean }): Params;
  /** Tangents of the named heads along a direction in the parameters, absent ones zero; owned by the caller. */
  pushforward(tangents: Params, heads: readonly string[]): Outputs;
  /** New running statistics, owned by the linearisation. */
  readonly stateUpdate: Params;
}

/** One trunk and a head per task: a pure function from variables and inputs to the heads' outputs. */
export class Network {
  constructor(
    private readonly trunk: Layer,
    private readonly heads: Readonly<Record<string, Layer>>,
    private readonly inputShape: Shape,
  ) {}

  get headNames(): readonly string[] {
    return Object.keys(this.heads);
  }

  /** The trunk and one head as a layer from inputs to that head's output. */
  through(head: string): Layer {
    return chain(this.trunk, this.heads[head]!);
  }

  /** Fresh variables, owned by the caller. */
  init(random: Generator): Variables {
    const features = this.trunk.outputShape(this.inputShape);
    const parts = [this.trunk.init(this.inputShape, random)];
    try {
      for (const head of Object.values(this.heads)) parts.push(head.init(features, random));
    } catch (error) {
      parts.forEach(disposeVariables);
      throw error;
    }
    return {
      params: Object.assign({}, ...parts.map(({ params }) => params)) as Params,
      state: Object.assign({}, ...parts.map(({ state }) => state)) as Params,
    };
  }

  /** Outputs of the named heads (all by default) in tfjs operations; owned by the caller. */
  apply(variables: Variables, x: tf.Tensor, mode: Mode, heads = this.headNames): Outputs {
    return tf.tidy(() => {
      const features = this.trunk.apply(variables, x, mode);
      return Object.fromEntries(heads.map((head) => [head, this.heads[head]!.apply(variables, features, mode)]));
    });
  }

  /** The trunk's output, what all heads share, float32 `[batch, features]`; owned by the caller. */
  features(variables: Variables, x: tf.Tensor, mode: Mode): tf.Tensor2D {
    return tf.tidy(() => {
      const features = this.trunk.apply(variables, x, mode);
      return tf.reshape(features, [features.shape[0], -1]);
    });
  }

  /** The network at `variables` and `x`, both borrowed, with the named heads (all by default). */
  linearize(variables: Variables, x: tf.Tensor, mode: Mode, heads = this.headNames): NetworkLinearisation {
    const scope = new Scope();
    try {
      const trunk = scope.own(this.trunk.linearize(variables, x, mode));
      const points: Record<string, Linearisation> = {};
      for (const head of heads) points[head] = scope.own(this.heads[head]!.linearize(variables, trunk.output, mode));
      return {
        outputs: Object.fromEntries(heads.map((head) => [head, points[head]!.output])),
        stateUpdate: Object.assign({}, trunk.stateUpdate, ...heads.map((head) => points[head]!.stateUpdate)) as Params,

        pullback(cotangents, { release = false } = {}) {
          const pulled = Object.entries(cotangents).map(([head, cotangent]) =>
            points[head]!.pullback(cotangent, { input: true, release }),
          );
          const features = pulled.map(({ input }) => input!);
          const sum = features.length === 1 ? features[0]! : tf.addN(features);
          const { params } = trunk.pullback(sum, { input: false, release });
          tf.dispose([features, sum]);
          return Object.assign({}, params, ...pulled.map((head) => head.params)) as Params;
        },

        pushforward(tangents, wanted) {
          const features = trunk.pushforward(tangents);
          const outputs = wanted.map((head): [string, tf.Tensor] => {
            const point = points[head]!;
            return [head, point.pushforward(tangents, features) ?? tf.zerosLike(point.output)];
          });
          features?.dispose();
          return Object.fromEntries(outputs);
        },

        [Symbol.dispose]: () => scope[Symbol.dispose](),
      };
    } catch (error) {
      scope[Symbol.dispose]();
      throw error;
    }
  }
}

/** The part of `params` that all heads share. */
export const trunkOf = (params: Params): Params => selectParams(params, 'trunk/');
