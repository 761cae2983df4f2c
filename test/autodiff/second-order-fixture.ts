import { readFileSync } from 'node:fs';
import { tf } from '../../core/engine/index.js';
import { cases } from './second-order-cases.js';

/** One function's derivatives as PyTorch has them in float64; see fixtures/torch/second-order.py. */
interface Fixture {
  readonly shapes: readonly number[][];
  readonly points: readonly number[][];
  readonly directions: readonly number[][];
  readonly u: readonly number[];
  readonly gradient: readonly number[][];
  readonly product: readonly number[][];
  readonly conditioning: number;
}

const file = new URL('../fixtures/torch/second-order.json', import.meta.url);

export const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Readonly<Record<string, Fixture>>;

interface Derivatives {
  readonly gradient: number[];
  /** The gradient's derivative along the directions: by the tape, and by central differences with step 0.01. */
  readonly product: number[];
  readonly differences: number[];
}

const step = 0.01;

/** Derivatives of F = <u, y> + <y, y> / 2 at the fixture's points. */
export function derivatives<Key extends keyof Derivatives>(
  name: string,
  { shapes, points, directions, u }: Fixture,
  wanted: readonly Key[],
): Pick<Derivatives, Key> {
  const tensors = (values: readonly (readonly number[])[]): tf.Tensor[] =>
    values.map((list, i) => tf.tensor([...list], shapes[i]));
  const objective = (...xs: tf.Tensor[]): tf.Tensor => {
    const y = cases[name]!(...xs);
    return tf.sum(tf.add(tf.mul(tf.reshape(tf.tensor([...u]), y.shape), y), tf.mul(tf.square(y), 0.5)));
  };
  const gradient = (xs: tf.Tensor[]): tf.Tensor[] => tf.grads(objective)(xs);
  const shifted = (by: number): number[] =>
    flatten(gradient(tensors(points).map((x, i) => tf.add(x, tf.mul(tensors(directions)[i]!, by)))));
  const compute: Record<keyof Derivatives, () => number[]> = {
    gradient: () => flatten(gradient(tensors(points))),
    product: () => {
      const along = tensors(directions);
      const directional = (...xs: tf.Tensor[]): tf.Tensor =>
        tf.addN(gradient(xs).map((g, i) => tf.sum(tf.mul(g, along[i]!))));
      return flatten(tf.grads(directional)(tensors(points)));
    },
    differences: () => {
      const behind = shifted(-step);
      return shifted(step).map((value, i) => (value - behind[i]!) / (2 * step));
    },
  };
  return tf.tidy(() => Object.fromEntries(wanted.map((key) => [key, compute[key]()]))) as unknown as Pick<
    Derivatives,
    Key
  >;
}

const flatten = (tensors: readonly tf.Tensor[]): number[] => tensors.flatMap((tensor) => [...tensor.dataSync()]);

/** Relative distance in norm. */
export function distance(ours: readonly number[], theirs: readonly number[]): number {
  const norm = (values: readonly number[]): number => Math.hypot(...values);
  return ours.length === theirs.length ? norm(ours.map((value, i) => value - theirs[i]!)) / norm(theirs) : Infinity;
}
