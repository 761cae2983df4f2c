import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { disposeParams, mapParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { LookAhead, Optimizer, OptimizerState, Schedule } from '../../core/stages/index.js';
import { decayed, learningRate, lookAheadOf } from './update.js';

export const AdamConfig = z.strictObject({
  learningRate,
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().gt(0).default(1e-8),
  weightDecay: z.number().min(0).default(0).describe('L2 penalty added to the gradient'),
});

/**
 * Adam (Kingma and Ba 2015, algorithm 1), with epsilon outside the root.
 * m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, theta <- theta - rate mhat / (sqrt(vhat) + epsilon).
 */
@injectable()
export class Adam implements Optimizer {
  readonly learningRate: Schedule;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof AdamConfig>) {
    this.learningRate = config.learningRate;
  }

  init(params: Params): OptimizerState {
    const zeros = (prefix: string): Params =>
      Object.fromEntries(Object.entries(params).map(([name, param]) => [`${prefix}/${name}`, tf.zerosLike(param)]));
    return { tensors: { ...zeros('m'), ...zeros('v') }, count: 0 };
  }

  update(params: Params, gradients: Params, { tensors, count }: OptimizerState, rate: number) {
    const { beta1, beta2, epsilon, weightDecay } = this.config;
    const t = count + 1;
    const next: Record<string, tf.Tensor> = {};
    const moved: Record<string, tf.Tensor> = {};
    for (const [name, param] of Object.entries(params)) {
      const [theta, m, v] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Tensor] => {
        const g = decayed(param, gradients[name], weightDecay);
        const m = tf.add(tf.mul(tensors[`m/${name}`]!, beta1), tf.mul(g, 1 - beta1));
        const v = tf.add(tf.mul(tensors[`v/${name}`]!, beta2), tf.mul(tf.square(g), 1 - beta2));
        const denominator = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** t)), epsilon);
        return [tf.sub(param, tf.div(tf.mul(m, rate / (1 - beta1 ** t)), denominator)), m, v];
      });
      moved[name] = theta;
      next[`m/${name}`] = m;
      next[`v/${name}`] = v;
    }
    return { params: moved, state: { tensors: next, count: t } };
  }

  /**
   * The derivative is diagonal: -rate D with D = [(1-b1)/(1-b1^t)]/s - mhat (1-b2) g / ((1-b2^t) sqrt(vhat) s^2),
   * s = sqrt(vhat) + epsilon. At the first step the two terms cancel but for epsilon/s^2, so that form is used; where
   * vhat = 0 it tends to (1-b1)/(1-b1^t)/epsilon.
   */
  lookAhead(params: Params, gradients: Params, state: OptimizerState, rate: number): LookAhead {
    const { beta1, beta2, epsilon, weightDecay } = this.config;
    const t = state.count + 1;
    const share1 = (1 - beta1) / (1 - beta1 ** t);
    const share2 = (1 - beta2) / (1 - beta2 ** t);
    const ahead = this.update(params, gradients, state, rate);
    const derivative = mapParams(params, (param, name) => {
      const g = decayed(param, gradients[name], weightDecay);
      const root = tf.sqrt(tf.div(ahead.state.tensors[`v/${name}`]!, 1 - beta2 ** t));
      const s = tf.add(root, epsilon);
      if (t === 1) return tf.div(epsilon, tf.square(s));
      const mHat = tf.div(ahead.state.tensors[`m/${name}`]!, 1 - beta1 ** t);
      const curved = tf.div(tf.mul(tf.mul(mHat, g), share2), tf.mul(root, tf.square(s)));
      return tf.sub(tf.div(share1, s), tf.where(tf.greater(root, 0), curved, tf.zerosLike(curved)));
    });
    return lookAheadOf(
      ahead,
      (direction) => mapParams(direction, (v, name) => tf.mul(tf.mul(v, derivative[name]!), -rate)),
      () => disposeParams(derivative),
    );
  }
}
