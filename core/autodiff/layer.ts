import type { tf } from '../engine/index.js';
import type { Generator } from '../engine/index.js';

/** Tensors by name (`trunk/conv1/kernel`): parameters, gradients or tangents of a whole network. */
export type Params = Readonly<Record<string, tf.Tensor>>;

/** What a network computes with: `params` are trained, `state` (batch-norm statistics) is tracked. */
export interface Variables {
  readonly params: Params;
  readonly state: Params;
}

/** How a network is evaluated. */
export interface Mode {
  /** True: batch statistics and active dropout. False: running statistics, no dropout. */
  readonly training: boolean;
  /** Fixes the masks of stochastic layers: linearisations of one seed share them. */
  readonly seed: number;
}

export const evaluating: Mode = { training: false, seed: 0 };
export const training = (seed = 0): Mode => ({ training: true, seed });

/** Dimensions without the batch: `[height, width, channels]` or `[features]`. */
export type Shape = readonly number[];

export interface PullbackOptions {
  /** Whether the gradient in the layer's input is wanted too. */
  readonly input: boolean;
  /** The last use of the linearisation: all it owns is freed on the way, as early as it goes, output and state update too. */
  readonly release?: boolean;
}

/** Gradients that `Linearisation.pullback` returns; every tensor belongs to the caller. */
export interface Pulled {
  readonly params: Params;
  /** Gradient in the layer's input, where it was asked for. */
  readonly input?: tf.Tensor;
}

/**
 * A layer at one point: its output, and its Jacobian as two linear maps on the same saved activations.
 * The linearisation borrows the layer's input and variables, which must outlive it; it owns its output and all it saved.
 */
export interface Linearisation extends Disposable {
  readonly output: tf.Tensor;
  /** The vector-Jacobian product J^T u (reverse mode). `cotangent` has the shape of `output` and is borrowed. */
  pullback(cotangent: tf.Tensor, want: PullbackOptions): Pulled;
  /**
   * The Jacobian-vector product J v (forward mode); the result belongs to the caller.
   * A parameter absent from `tangents`, and an `input` tangent left out, count as zero; all zero yields `undefined`.
   */
  pushforward(tangents: Params, input?: tf.Tensor): tf.Tensor | undefined;
  /** New running statistics, owned by the linearisation; only an ordinary training step commits them. */
  readonly stateUpdate: Params;
}

/**
 * What a layer computes in evaluation, in terms of TensorFlow.js's own layers, for a converter to build it of. Weights are
 * names of the layer's variables.
 */
export type LayerDescription =
  /** A layer of tfjs by its class, such as `Dense`: its configuration, and its weights in tfjs's order. */
  | {
      readonly layer: string;
      readonly config?: Readonly<Record<string, unknown>>;
      readonly weights?: readonly string[];
    }
  /** Layers in a row; an empty one is the identity. */
  | { readonly chain: readonly Layer[] }
  /** What several layers make of the same input, added up. */
  | { readonly sum: readonly Layer[] }
  /** A layers model, with variables in the place of its own weights, by the weights' names. */
  | { readonly model: tf.LayersModel; readonly weights: Readonly<Record<string, string>> };

/** A pure function of its variables and its input; holds no tensors itself. */
export interface Layer {
  /** What messages call it: the prefix of its parameters. */
  readonly name?: string;
  /** Which activations the linear maps read; a chain frees the others as soon as the next layer has run. */
  readonly retains: { readonly input: boolean; readonly output: boolean };
  outputShape(input: Shape): Shape;
  /** Fresh variables, float32, owned by the caller. */
  init(input: Shape, random: Generator): Variables;
  /** The plain function in tfjs operations, differentiable to any order on the tape; the result belongs to the caller. */
  apply(variables: Variables, x: tf.Tensor, mode: Mode): tf.Tensor;
  /** The same function by the fastest native kernels, with its linear maps. */
  linearize(variables: Variables, x: tf.Tensor, mode: Mode): Linearisation;
  /** What it is in evaluation; a network with a layer that doesn't say can't be exported as a layers model. */
  describe?(input: Shape): LayerDescription;
}
