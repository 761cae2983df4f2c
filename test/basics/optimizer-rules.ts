import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Optimizer } from '../../core/stages/index.js';
import { Adam, AdamConfig } from '../../plugins/basics/adam.js';
import { AdamW, AdamWConfig } from '../../plugins/basics/adamw.js';
import { Constant } from '../../plugins/basics/schedules.js';
import { Sgd, SgdConfig } from '../../plugins/basics/sgd.js';
import { referenceUpdate, startingAt } from './reference-update.js';
import type { ReferenceRule } from './reference-update.js';

const learningRate = new Constant({ initial: 0.1 });

export function optimizerOf({ rule, ...keys }: ReferenceRule): Optimizer {
  const options = { weightDecay: 0, ...keys, learningRate: 0.1 };
  if (rule === 'sgd') return new Sgd({ ...SgdConfig.parse(options), learningRate });
  if (rule === 'adam') return new Adam({ ...AdamConfig.parse(options), learningRate });
  return new AdamW({ ...AdamWConfig.parse(options), learningRate });
}

export const rules: readonly [string, ReferenceRule][] = [
  ['sgd', { rule: 'sgd' }],
  ['sgd with decay', { rule: 'sgd', weightDecay: 0.3 }],
  ['momentum', { rule: 'sgd', momentum: 0.9 }],
  ['momentum, dampening and decay', { rule: 'sgd', momentum: 0.9, dampening: 0.4, weightDecay: 0.2 }],
  ['nesterov with decay', { rule: 'sgd', momentum: 0.8, nesterov: true, weightDecay: 0.1 }],
  ['adam', { rule: 'adam', epsilon: 1e-3 }],
  ['adam with decay', { rule: 'adam', weightDecay: 0.2 }],
  ['adamw', { rule: 'adamw', weightDecay: 0.2 }],
  ['sgd, clipped', { rule: 'sgd', weightDecay: 0.1, clipNorm: 0.5 }],
  ['momentum, clipped', { rule: 'sgd', momentum: 0.9, dampening: 0.4, clipNorm: 0.5 }],
  ['adam, clipped', { rule: 'adam', epsilon: 1e-3, weightDecay: 0.1, clipNorm: 0.5 }],
  ['adamw, clipped', { rule: 'adamw', epsilon: 1e-3, weightDecay: 0.1, clipNorm: 0.5 }],
];

/** Six numbers as the two parameters of a small network; owned by the caller. */
export const params = (values: readonly number[]): Params => ({
  kernel: tf.tensor2d(values.slice(0, 4), [2, 2]),
  bias: tf.tensor1d(values.slice(4)),
});
export const valuesOf = ({ kernel, bias }: Params): number[] =>
  [kernel, bias].flatMap((tensor, i) => (tensor ? [...tensor.dataSync()] : i === 0 ? [0, 0, 0, 0] : [0, 0]));
export const theta = [0.7, -0.4, 0.2, 0.9, -0.6, 0.3];
export const gradient = [0.5, -0.8, 0.3, -0.2, 0.6, 0.4];
/** Gradients of ordinary steps before the one in question. */
export const earlier = [
  [0.3, -0.2, 0.1, 0.5, -0.4, 0.2],
  [0.1, 0.6, -0.3, 0.2, 0.4, -0.5],
  [-0.4, 0.3, 0.2, -0.1, 0.5, 0.3],
];

/** The same point after a few ordinary steps, in our tensors and as plain numbers. Inside a tidy. */
export function pointAfter(steps: number, rule: ReferenceRule) {
  const optimizer = optimizerOf(rule);
  let ours = { params: params(theta), state: optimizer.init(params(theta)) };
  let plain = startingAt(theta);
  for (const g of earlier.slice(0, steps)) {
    ours = optimizer.update(ours.params, params(g), ours.state, 0.1);
    plain = referenceUpdate(rule, plain, g, 0.1);
  }
  return { optimizer, ...ours, plain };
}
