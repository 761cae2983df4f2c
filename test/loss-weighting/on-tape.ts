import { tf } from '../../core/engine/index.js';
import type { Params } from '../../core/autodiff/index.js';
import type { TaskParams } from '../../core/stages/index.js';

type OnTape = (gradients: TaskParams) => Params;

/** What each combiner does to gradients, in tfjs operations on the trunk as one vector. */
const onTrunk =
  (mix: (p: tf.Tensor1D, a: tf.Tensor1D) => tf.Tensor): OnTape =>
  ({ primary, auxiliary }) => {
    const names = Object.keys({ ...primary, ...auxiliary });
    const like = (name: string): tf.Tensor => (primary[name] ?? auxiliary[name])!;
    const at = (params: Params, name: string): tf.Tensor => params[name] ?? tf.zerosLike(like(name));
    const trunk = names.filter((name) => name.startsWith('trunk/'));
    const flat = (params: Params) =>
      tf.concat(trunk.map((name) => tf.reshape(at(params, name), [-1]))) as unknown as tf.Tensor1D;
    const mixed = mix(flat(primary), flat(auxiliary));
    let start = 0;
    const parts = trunk.map((name) => {
      const { size, shape } = like(name);
      start += size;
      return [name, tf.reshape(tf.slice(mixed, [start - size], [size]), shape)] as const;
    });
    const heads = names
      .filter((name) => !trunk.includes(name))
      .map((name) => [name, tf.add(at(primary, name), at(auxiliary, name))] as const);
    return Object.fromEntries([...parts, ...heads]);
  };

const dot = (a: tf.Tensor, b: tf.Tensor): tf.Scalar => tf.sum(tf.mul(a, b));
const cosine = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.div(dot(a, b), tf.sqrt(tf.mul(dot(a, a), dot(b, b))));

export const weightedGate = onTrunk((p, a) => tf.add(p, tf.mul(tf.relu(cosine(p, a)), a)));

export const unweightedGate = onTrunk((p, a) => tf.add(p, tf.mul(tf.cast(tf.greater(dot(p, a), 0), 'float32'), a)));

export const surgery = onTrunk((p, a) => {
  const conflict = tf.minimum(dot(p, a), 0);
  const project = (x: tf.Tensor, off: tf.Tensor): tf.Tensor => tf.sub(x, tf.mul(tf.div(conflict, dot(off, off)), off));
  return tf.add(project(p, a), project(a, p));
});
