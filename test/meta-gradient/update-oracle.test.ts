import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { batchNorm, chain, dense, Network, relu, training, wrap } from '../../core/autodiff/index.js';
import type { Layer, Params } from '../../core/autodiff/index.js';
import { Generator, tf } from '../../core/engine/index.js';
import type { Optimizer } from '../../core/stages/index.js';
import { Objective } from '../../core/training/index.js';
import { Adam, AdamConfig } from '../../plugins/basics/adam.js';
import { AdamW, AdamWConfig } from '../../plugins/basics/adamw.js';
import { Focal } from '../../plugins/basics/focal.js';
import { Constant } from '../../plugins/basics/schedules.js';
import { Sgd, SgdConfig } from '../../plugins/basics/sgd.js';
import { blockMask, maskSoftmax, maskSoftmaxPullback } from '../../plugins/maxl/mask-softmax.js';

type Shapes = Readonly<Record<string, readonly number[]>>;

/** What `test/fixtures/torch/updates.py` wrote; its docstring says what is in it. */
interface Oracle {
  readonly psi: readonly number[];
  readonly gamma: number;
  readonly main: Shapes;
  readonly label: Shapes;
  readonly inputs: string;
  readonly primary: readonly number[];
  readonly theta2: string;
  readonly cases: readonly Case[];
}
interface Case {
  readonly name: string;
  readonly config: { readonly rule: 'sgd' | 'adam' | 'adamw'; readonly rate: number };
  readonly count: number;
  readonly theta1: string;
  readonly state: Readonly<Record<string, string>>;
  readonly ahead: string;
  readonly metaGradient: string;
  readonly conditioning: number;
}
const oracle = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/torch/updates.json'), 'utf8')) as Oracle;

const decode = (text: string): Float32Array => {
  const bytes = Buffer.from(text, 'base64');
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
};

/** Parameters from one flat string, in the order of `shapes`. */
function unflatten(text: string, shapes: Shapes, prefix = ''): Params {
  const values = decode(text);
  let start = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const size = shape.reduce((a, b) => a * b, 1);
      return [prefix + name, tf.tensor(values.slice(start, (start += size)), [...shape])];
    }),
  );
}
const flatten = (params: Params, shapes: Shapes): number[] =>
  Object.keys(shapes).flatMap((name) => [...params[name]!.dataSync()]);

/** Norm of the difference over the norm of what is expected. */
const distance = (ours: readonly number[], expected: ArrayLike<number>): number =>
  Math.hypot(...ours.map((value, i) => value - expected[i]!)) / Math.hypot(...Array.from(expected));

const tanh = (): Layer => wrap((_, x) => tf.tanh(x), [], { outputShape: (input) => input });
const block = (index: number, units: number, activation: Layer): Layer =>
  chain(dense(`trunk/dense${index}`, { units }), activation, batchNorm(`trunk/norm${index}`));
const features = 12;
const outputs = oracle.psi.reduce((a, b) => a + b);
const network = new Network(
  chain(block(1, 10, tanh()), block(2, 8, relu())),
  {
    primary: dense('primary/dense', { units: oracle.psi.length }),
    auxiliary: dense('auxiliary/dense', { units: outputs }),
  },
  [features],
);
const labelNetwork = new Network(block(1, 8, tanh()), { labels: dense('labels/dense', { units: outputs }) }, [
  features,
]);
const focal = new Focal({ gamma: oracle.gamma });
const objective = new Objective(focal, focal);

function optimizerOf({ rule, rate, ...keys }: Case['config']): Optimizer {
  const learningRate = new Constant({ initial: rate });
  const options = { ...keys, learningRate: 0 };
  if (rule === 'sgd') return new Sgd({ ...SgdConfig.parse(options), learningRate });
  if (rule === 'adam') return new Adam({ ...AdamConfig.parse(options), learningRate });
  return new AdamW({ ...AdamWConfig.parse(options), learningRate });
}

/** theta+ and the meta-gradient of one case, which a tangent at theta1 along the step's adjoint gives. */
const measure = ({ config, count, ...texts }: Case) =>
  tf.tidy(() => {
    const random = Generator.for(1, 'statistics');
    const statistics = { theta1: network.init(random).state, theta2: labelNetwork.init(random).state };
    const theta1 = unflatten(texts.theta1, oracle.main);
    const theta2 = unflatten(oracle.theta2, oracle.label);
    const tensors = Object.entries(texts.state).map(([prefix, text]) => unflatten(text, oracle.main, prefix));
    const x = tf.tensor(decode(oracle.inputs), [oracle.primary.length, features]);
    const primary = tf.tensor1d([...oracle.primary], 'int32');
    const optimizer = optimizerOf(config);

    const made = labelNetwork.linearize({ params: theta2, state: statistics.theta2 }, x, training());
    const targets = maskSoftmax(made.outputs['labels']!, blockMask(Int32Array.from(oracle.primary), oracle.psi));
    const here = network.linearize({ params: theta1, state: statistics.theta1 }, x, training());
    const losses = objective.at(here.outputs, primary, { targets });
    const gradients = here.pullback({
      primary: losses.primary.cotangent,
      auxiliary: losses.auxiliary!.cotangent,
    });

    const state = { tensors: Object.assign({}, ...tensors) as Params, count };
    const ahead = optimizer.lookAhead(theta1, gradients, state, config.rate);
    const there = network.linearize({ params: ahead.params, state: statistics.theta1 }, x, training(), ['primary']);
    const v = there.pullback({ primary: objective.primaryAt(there.outputs, primary).cotangent });
    const { auxiliary: tangent } = here.pushforward(ahead.adjoint(v), ['auxiliary']);
    const meta = made.pullback({ labels: maskSoftmaxPullback(targets, losses.auxiliary!.mixed(tangent!)) });
    return { ahead: flatten(ahead.params, oracle.main), meta: flatten(meta, oracle.label) };
  });

describe('the meta-gradient through an optimizer, against double backward in float64', () => {
  it.each(oracle.cases.map((one) => ({ ...one, step: one.count + 1 })))('$name, step $step', (one) => {
    const { ahead, meta } = measure(one);
    const before = decode(one.theta1);
    const moves = (theta: ArrayLike<number>): number[] => Array.from(before, (weight, i) => theta[i]! - weight);
    expect(distance(moves(ahead), moves(decode(one.ahead)))).toBeLessThan(1e-4);
    expect(distance(meta, decode(one.metaGradient))).toBeLessThan(Math.max(1e-5, 10 * one.conditioning));
  });
});
