import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { mapParams, scaleParams } from '../../core/autodiff/index.js';
import type { Params } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { LookAhead, Optimizer, OptimizerState, Schedule } from '../../core/stages/index.js';
import { decayed, learningRate, lookAheadOf } from './update.js';

export const SgdConfig = z
  .strictObject({
    learningRate,
    momentum: z.number().min(0).lt(1).default(0),
    nesterov: z.boolean().default(false).describe('needs momentum'),
    weightDecay: z.number().min(0).default(0).describe('L2 penalty added to the gradient'),
  })
  .refine(({ nesterov, momentum }) => !nesterov || momentum > 0, {
    path: ['nesterov'],
    message: 'nesterov needs a momentum above 0',
  });

/**
 * Stochastic gradient descent with momentum and L2 weight decay, as PyTorch defines it:
 * b <- momentum b + g (b = g at first), theta <- theta - rate b, or with Nesterov theta - rate (g + momentum b).
 */
@injectable()
export class Sgd implements Optimizer {
  readonly learningRate: Schedule;

  constructor(@inject(StageConfig) private readonly config: z.output<typeof SgdConfig>) {
    this.learningRate = config.learningRate;
  }

  init(params: Params): OptimizerState {
    if (this.config.momentum === 0) return { tensors: {}, count: 0 };
    return { tensors: mapParams(params, (param) => tf.zerosLike(param)), count: 0 };
  }

  update(params: Params, gradients: Params, { tensors, count }: OptimizerState, rate: number) {
    const { momentum, weightDecay } = this.config;
    const velocity =
      momentum === 0
        ? {}
        : mapParams(
            params,
            (param, _, g, b) => tf.add(tf.mul(b!, momentum), decayed(param, g, weightDecay)),
            gradients,
            tensors,
          );
    return { params: this.moved(params, gradients, velocity, rate), state: { tensors: velocity, count: count + 1 } };
  }

  lookAhead(params: Params, gradients: Params, state: OptimizerState, rate: number): LookAhead {
    const { momentum, nesterov } = this.config;
    const factor = nesterov ? 1 + momentum : 1;
    return lookAheadOf(this.update(params, gradients, state, rate), (direction) =>
      scaleParams(direction, -rate * factor),
    );
  }

  private moved(params: Params, gradients: Params, velocity: Params, rate: number): Params {
    const { momentum, nesterov, weightDecay } = this.config;
    return mapParams(
      params,
      (param, _, g, b) => {
        if (!b) return tf.sub(param, tf.mul(decayed(param, g, weightDecay), rate));
        const step = nesterov ? tf.add(decayed(param, g, weightDecay), tf.mul(b, momentum)) : b;
        return tf.sub(param, tf.mul(step, rate));
      },
      gradients,
      velocity,
    );
  }
}
