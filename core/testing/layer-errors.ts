import { disposeParams, disposeVariables, dotParams, mapParams } from '../autodiff/index.js';
import type { Layer, Mode, Params, Shape } from '../autodiff/index.js';
import { Generator, tf } from '../engine/index.js';

/** Relative errors of a layer's linear maps against independent ways of computing them; all should be near float32's precision. */
export interface LayerErrors {
  /** `linearize` against `apply`. */
  readonly output: number;
  /** `pullback` against the gradient of `apply` on the tape. */
  readonly pullback: number;
  /** `pushforward` against pulling back twice on the tape. */
  readonly pushforward: number;
  /** <u, J v> against <J^T u, v>. */
  readonly adjoint: number;
  /** Tensors left behind. */
  readonly leaked: number;
}

export interface LayerCase {
  readonly batch?: number;
  readonly mode?: Mode;
  readonly seed?: number;
}

/**
 * Measures a layer at random variables, inputs and directions.
 * @example expect(layerErrors(relu(), [8]).pullback).toBeLessThan(1e-5)
 */
export function layerErrors(
  layer: Layer,
  inputShape: Shape,
  { batch = 4, mode = { training: true, seed: 0 }, seed = 1 }: LayerCase = {},
): LayerErrors {
  const before = tf.memory().numTensors;
  const random = Generator.for(seed, 'layer');
  const fresh = layer.init(inputShape, random);
  const noise = (shape: number[], scale = 1): tf.Tensor =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * random.uniform(-1, 1)),
      shape,
    );
  const params = mapParams(fresh.params, (tensor) => tf.add(tensor, noise(tensor.shape, 0.3)));
  const variables = { params, state: fresh.state };
  const x = noise([batch, ...inputShape]);
  const measured = tf.tidy(() => {
    const point = layer.linearize(variables, x, mode);
    const names = Object.keys(params);
    const u = noise(point.output.shape);
    const dParams = mapParams(params, (tensor) => noise(tensor.shape));
    const dx = noise(x.shape);

    const evaluate = (...values: tf.Tensor[]): tf.Tensor =>
      layer.apply(
        { params: Object.fromEntries(names.map((name, i) => [name, values[i]!])), state: fresh.state },
        values.at(-1)!,
        mode,
      );
    const points = [...Object.values(params), x];
    const directions = [...Object.values(dParams), dx];
    const pullOnTape = (cotangent: tf.Tensor): tf.Tensor[] => tf.grads(evaluate)(points, cotangent);

    const pulled = point.pullback(u, { input: true });
    const ours = [...names.map((name) => pulled.params[name]!), pulled.input!];
    const pushed = point.pushforward(dParams, dx)!;
    const along = (cotangent: tf.Tensor): tf.Scalar =>
      tf.addN(pullOnTape(cotangent).map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!)))) as tf.Scalar;

    const left = dotParams({ u }, { u: pushed });
    const right = dotParams(pulled.params, dParams) + dotParams({ x: pulled.input! }, { x: dx });
    const scale = norm([u]) * norm([pushed]);
    const errors = {
      output: distance([point.output], [evaluate(...points)]),
      pullback: distance(ours, pullOnTape(u)),
      pushforward: distance([pushed], [tf.grad(along)(tf.zerosLike(u))]),
      adjoint: Math.abs(left - right) / scale,
    };
    point[Symbol.dispose]();
    return errors;
  });
  const leaked = countLeaks(layer, { params, state: fresh.state }, x, mode);
  disposeVariables({ params: fresh.params, state: fresh.state });
  x.dispose();
  disposeParams(params);
  return { ...measured, leaked: leaked + tf.memory().numTensors - before };
}

/** Tensors that linearising, pulling back and pushing forward leave behind once everything is disposed. */
function countLeaks(layer: Layer, variables: { params: Params; state: Params }, x: tf.Tensor, mode: Mode): number {
  const before = tf.memory().numTensors;
  const point = layer.linearize(variables, x, mode);
  using u = tf.onesLike(point.output);
  using dx = tf.onesLike(x);
  tf.dispose(point.pushforward({}, dx));
  tf.dispose(point.pushforward(variables.params));
  for (const release of [false, true]) {
    const { params, input } = point.pullback(u, { input: !release, release });
    tf.dispose([params, input ?? []]);
  }
  point[Symbol.dispose]();
  return tf.memory().numTensors - before - 2;
}

const norm = (tensors: readonly tf.Tensor[]): number =>
  Math.sqrt(tensors.reduce((sum, tensor) => sum + dotParams({ tensor }, { tensor }), 0));

const distance = (ours: readonly tf.Tensor[], theirs: readonly tf.Tensor[]): number =>
  norm(ours.map((tensor, i) => tf.sub(tensor, theirs[i]!))) / Math.max(norm(theirs), 1e-12);
