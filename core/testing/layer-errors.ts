import { disposeVariables, dotParams } from '../autodiff/index.js';
import type { Layer, Linearisation, Mode, Params, Shape, Variables } from '../autodiff/index.js';
import { Generator, tf } from '../engine/index.js';
import { differenceErrors } from './difference-errors.js';
import { noise, noiseLike } from './comparisons.js';
import { distance, norm } from './distance.js';
import { leaks } from './leaks.js';
import { moved } from './moved.js';

/**
 * Relative errors of a layer's linear maps against independent ways of computing them. All but `differences` should be
 * near float32's precision; the counts should be 0.
 */
export interface LayerErrors {
  /** `linearize` against `apply`. */
  readonly output: number;
  /** `pullback` against the gradient of `apply` on the tape. */
  readonly pullback: number;
  /** `pushforward` against pulling back twice on the tape. */
  readonly pushforward: number;
  /** <u, J v> against <J^T u, v>. */
  readonly adjoint: number;
  /** Both maps against differences of the output; rounding leaves about 1e-4. */
  readonly differences: number;
  /** The sum of the pushforwards along each parameter and the input alone, against that along all of them. */
  readonly parts: number;
  /** Pullbacks that release, or leave out the input's gradient, against one that does neither. */
  readonly released: number;
  /** Shapes and names that break the contract: output against `outputShape`, `stateUpdate` against the state. */
  readonly misfits: number;
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
  const variables = moved(fresh, random);
  const { params } = variables;
  const x = apart([batch, ...inputShape], random);
  const dispose = (): void => {
    disposeVariables(fresh);
    disposeVariables(variables);
    x.dispose();
  };
  try {
    const measured = tf.tidy(() => {
      using point = layer.linearize(variables, x, mode);
      const u = noise(point.output.shape, random);
      const dParams = noiseLike(params, random);
      const dx = noise(x.shape, random);
      return {
        ...tapeErrors(layer, variables, x, mode, point, { u, dParams, dx }),
        differences: differenceErrors(layer, variables, x, mode, point, { u, dParams, dx }),
        parts: partErrors(point, dParams, dx),
        released: releaseErrors(layer, variables, x, mode, u),
        misfits: misfits(layer, variables, x, mode, point),
      };
    });
    const leaked = leaks(layer, variables, x, mode);
    dispose();
    return { ...measured, leaked: leaked + tf.memory().numTensors - before };
  } catch (error) {
    dispose();
    throw error;
  }
}

/** A cotangent, and a tangent of the parameters and of the input. */
export interface Directions {
  readonly u: tf.Tensor;
  readonly dParams: Params;
  readonly dx: tf.Tensor;
}

function tapeErrors(
  layer: Layer,
  { params, state }: Variables,
  x: tf.Tensor,
  mode: Mode,
  point: Linearisation,
  { u, dParams, dx }: Directions,
): Pick<LayerErrors, 'output' | 'pullback' | 'pushforward' | 'adjoint'> {
  const names = Object.keys(params);
  const evaluate = (...values: tf.Tensor[]): tf.Tensor =>
    layer.apply(
      { params: Object.fromEntries(names.map((name, i) => [name, values[i]!])), state },
      values.at(-1)!,
      mode,
    );
  const points = [...Object.values(params), x];
  const directions = [...Object.values(dParams), dx];
  const pullOnTape = (cotangent: tf.Tensor): tf.Tensor[] => tf.grads(evaluate)(points, cotangent);
  const along = (cotangent: tf.Tensor): tf.Scalar =>
    tf.addN(pullOnTape(cotangent).map((gradient, i) => tf.sum(tf.mul(gradient, directions[i]!)))) as tf.Scalar;

  const pulled = point.pullback(u, { input: true });
  const pushed = point.pushforward(dParams, dx)!;
  const left = dotParams({ u }, { u: pushed });
  const right = dotParams(pulled.params, dParams) + dotParams({ x: pulled.input! }, { x: dx });
  return {
    output: distance([point.output], [evaluate(...points)]),
    pullback: distance([...names.map((name) => pulled.params[name]!), pulled.input!], pullOnTape(u)),
    pushforward: distance([pushed], [tf.grad(along)(tf.zerosLike(u))]),
    adjoint: Math.abs(left - right) / (norm([u]) * norm([pushed])),
  };
}

function partErrors(point: Linearisation, dParams: Params, dx: tf.Tensor): number {
  const parts = Object.entries(dParams).map(([name, tangent]) => point.pushforward({ [name]: tangent })!);
  return distance([tf.addN([...parts, point.pushforward({}, dx)!])], [point.pushforward(dParams, dx)!]);
}

function releaseErrors(layer: Layer, variables: Variables, x: tf.Tensor, mode: Mode, u: tf.Tensor): number {
  const pull = (input: boolean, release: boolean) => {
    using point = layer.linearize(variables, x, mode);
    return point.pullback(u, { input, release });
  };
  const whole = pull(true, false);
  const released = pull(true, true);
  const withoutInput = pull(false, true);
  const ofParams = (params: Params): tf.Tensor[] => Object.keys(whole.params).map((name) => params[name]!);
  return Math.max(
    distance([...ofParams(released.params), released.input!], [...ofParams(whole.params), whole.input!]),
    distance(ofParams(withoutInput.params), ofParams(whole.params)),
    withoutInput.input ? Infinity : 0,
  );
}

function misfits(
  layer: Layer,
  { params, state }: Variables,
  x: tf.Tensor,
  mode: Mode,
  { output, stateUpdate, pullback }: Linearisation,
): number {
  const [batch, ...inputShape] = x.shape as [number, ...number[]];
  const pulled = pullback(tf.onesLike(output), { input: true });
  const pairs: [readonly number[], readonly number[] | undefined][] = [
    [output.shape, [batch, ...layer.outputShape(inputShape)]],
    [pulled.input!.shape, x.shape],
    ...Object.entries(pulled.params).map(([name, { shape }]): [number[], number[] | undefined] => [
      shape,
      params[name]?.shape,
    ]),
    ...Object.entries(stateUpdate).map(([name, { shape }]): [number[], number[] | undefined] => [
      shape,
      state[name]?.shape,
    ]),
  ];
  const strays = mode.training ? 0 : Object.keys(stateUpdate).length;
  return strays + pairs.filter(([ours, theirs]) => String(ours) !== String(theirs)).length;
}

/** Distinct values in (-1, 1), evenly apart and none at 0, in random order: as far from ties and kinks as they can be. */
function apart(shape: readonly number[], random: Generator): tf.Tensor {
  const size = sizeOf(shape);
  const order = random.permutation(size);
  const even = size + (size % 2);
  return tf.tensor(
    Float32Array.from(order, (i) => (2 * i + 1) / even - 1),
    [...shape],
  );
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, dimension) => size * dimension, 1);
