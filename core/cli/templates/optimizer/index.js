/** @import { LookAhead, Optimizer, OptimizerState, Params } from 'auxflow' */
import {
  definePlugin,
  disposeParams,
  injects,
  mapParams,
  nested,
  scaleParams,
  stage,
  StageConfig,
  tf,
  z,
} from 'auxflow';

const Config = z.strictObject({
  learningRate: nested('schedule', (value) =>
    typeof value === 'number' ? { use: 'constant', initial: value } : undefined,
  ),
  decay: z.number().min(0).default(0).describe('share of the weights, times the rate, that each update takes off'),
});

/**
 * Gradient descent with decoupled weight decay: theta <- (1 - rate decay) theta - rate g.
 * @implements {Optimizer}
 */
export class MyPlugin {
  /** @param {z.output<typeof Config>} config */
  constructor({ learningRate, decay }) {
    this.learningRate = learningRate;
    this.decay = decay;
  }

  /**
   * Nothing is kept between updates but their number.
   * @returns {OptimizerState}
   */
  init() {
    return { tensors: {}, count: 0 };
  }

  /**
   * New parameters and state, owned by the caller; a parameter without a gradient has one of 0.
   * @param {Params} params
   * @param {Params} gradients
   * @param {OptimizerState} state
   * @param {number} rate
   */
  update(params, gradients, { count }, rate) {
    const moved = mapParams(
      params,
      (theta, _, g) => {
        const kept = tf.mul(theta, 1 - rate * this.decay);
        return g ? tf.sub(kept, tf.mul(g, rate)) : kept;
      },
      gradients,
    );
    return { params: moved, state: { tensors: {}, count: count + 1 } };
  }

  /**
   * The same with its derivative in the gradient, which meta-gradients go through.
   * @param {Params} params
   * @param {Params} gradients
   * @param {OptimizerState} state
   * @param {number} rate
   * @returns {LookAhead}
   */
  lookAhead(params, gradients, state, rate) {
    const ahead = this.update(params, gradients, state, rate);
    return {
      ...ahead,
      factor: -rate,
      adjoint: (direction) => scaleParams(direction, -rate),
      [Symbol.dispose]: () => disposeParams(ahead.params),
    };
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { optimizer: [stage('my-plugin', 'gradient descent with decoupled decay', Config, MyPlugin)] },
});
