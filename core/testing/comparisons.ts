import { deepEqual } from 'node:assert';
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Params } from '../autodiff/index.js';
import { type Generator, tf } from '../engine/index.js';
import { distance } from './distance.js';

/** Numbers uniform in [-1, 1), float32; owned by the caller. */
export const noise = (shape: readonly number[], random: Generator): tf.Tensor =>
  tf.tensor(
    Float32Array.from({ length: shape.reduce((size, dimension) => size * dimension, 1) }, () => random.uniform(-1, 1)),
    [...shape],
  );

/** Noise in the shape of every entry; owned by the caller. */
export const noiseLike = (params: Params, random: Generator): Params =>
  Object.fromEntries(Object.entries(params).map(([name, { shape }]) => [name, noise(shape, random)]));

/** The numbers of all entries, to compare them bit by bit. */
export const numbersOf = (params: Params): Readonly<Record<string, readonly number[]>> =>
  Object.fromEntries(Object.entries(params).map(([name, tensor]) => [name, [...tensor.dataSync()]]));

/** Asserts that two values hold the same; unlike node's strict comparison it lets them come from two contexts, as jest's do. */
export function same(ours: unknown, theirs: unknown, what: string): void {
  const show = (value: unknown) => inspect(value, { depth: 4, maxArrayLength: 6, breakLength: Infinity }).slice(0, 300);
  deepEqual(ours, theirs, `${what}: ${show(ours)}, expected ${show(theirs)}`);
}

/** Asserts the same names, in any order, and shapes, all of it float32. */
export function sameForm(ours: Params, theirs: Params, what: string): void {
  const form = (params: Params) => Object.entries(params).map(([name, { shape }]) => `${name} [${shape.join(', ')}]`);
  same(form(ours).sort(), form(theirs).sort(), `${what}: names and shapes`);
  for (const [name, { dtype }] of Object.entries(ours)) assert.equal(dtype, 'float32', `${what}: dtype of ${name}`);
}

/** Asserts that the norm of the difference is below `tolerance` of the norm of `theirs`. */
export function close(ours: Params, theirs: Params, tolerance: number, what: string): void {
  sameForm(ours, theirs, what);
  const names = Object.keys(theirs);
  const apart = distance(
    names.map((name) => ours[name]!),
    names.map((name) => theirs[name]!),
  );
  assert.ok(apart <= tolerance, `${what}: off by ${apart.toExponential(1)} of its norm, more than ${tolerance}`);
}

/** Asserts that two numbers differ by no more than `tolerance` of the larger one, or `absolute`. */
export function near(ours: number, theirs: number, tolerance: number, absolute: number, what: string): void {
  const allowed = tolerance * Math.max(Math.abs(ours), Math.abs(theirs)) + absolute;
  assert.ok(Math.abs(ours - theirs) <= allowed, `${what}: ${ours}, expected ${theirs}`);
}

export const allFinite = (tensor: tf.Tensor): boolean => tensor.dataSync<'float32'>().every(Number.isFinite);

/** `f` at `point` moved by +-h along `direction`, as a slope; the tensors that `f` is given are freed here. */
export function slope(f: (moved: Params) => number, point: Params, direction: Params, h: number): number {
  const at = (step: number): number =>
    tf.tidy(() => {
      const moved = Object.entries(point).map(([name, tensor]) => [
        name,
        tf.add(tensor, tf.mul(direction[name]!, step)),
      ]);
      return f(Object.fromEntries(moved) as Params);
    });
  return (at(h) - at(-h)) / (2 * h);
}

/** The gradient of `f` in all entries, by the tape, 0 in those that it doesn't depend on; owned by the caller. */
export function tapeGradient(f: (params: Params) => tf.Scalar, params: Params): Params {
  const names = Object.keys(params);
  const named = (values: readonly tf.Tensor[]): Params =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]));
  // The tape refuses a value that has no part in the result; so each gets one, of nothing.
  const nothing = (values: readonly tf.Tensor[]): tf.Tensor => tf.mul(0, tf.addN(values.map((value) => tf.sum(value))));
  return named(tf.grads((...values: tf.Tensor[]) => tf.add(f(named(values)), nothing(values)))(Object.values(params)));
}
