import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { tf } from '../../core/engine/index.js';
import { StageConfig } from '../../core/stages/index.js';
import { combine } from './combine.js';
import { Elementwise } from './elementwise.js';
import { optimizerKeys } from './optimizer-keys.js';
import type { Rule } from './rule.js';

export const AdamConfig = z.strictObject({
  ...optimizerKeys,
  beta1: z.number().min(0).lt(1).default(0.9).describe('share of the first moment that a step keeps'),
  beta2: z.number().min(0).lt(1).default(0.999).describe('share of the second moment that a step keeps'),
  epsilon: z.number().gt(0).default(1e-8).describe('added to the root of the second moment'),
  weightDecay: z.number().min(0).default(0).describe('L2 penalty added to the gradient'),
});

/**
 * Adam (Kingma and Ba 2015, algorithm 1), with epsilon outside the root.
 * m <- b1 m + (1 - b1) g, v <- b2 v + (1 - b2) g^2, theta <- theta - rate mhat / (sqrt(vhat) + epsilon).
 */
@injectable()
export class Adam extends Elementwise<z.output<typeof AdamConfig>> {
  protected readonly prefixes = { m: 'm/', v: 'v/' };

  constructor(@inject(StageConfig) config: z.output<typeof AdamConfig>) {
    super(config);
  }

  /**
   * Written as change = a m / s with s = sqrt(v) + e, both bias corrections drawn into a and e (section 2 of the paper).
   * Its derivative in g is a ((1-b1) / s - (1-b2) m g / (sqrt(v) s^2)). At the first step, from zero moments, the two terms
   * cancel but for a (1-b1) e / s^2, so that form is used; where v = 0, m is 0 and the second term vanishes.
   */
  protected rule(rate: number, count: number): Rule {
    const { beta1, beta2, epsilon } = this.config;
    const bias = Math.sqrt(1 - beta2 ** (count + 1));
    const [a, e] = [(-rate * bias) / (1 - beta1 ** (count + 1)), epsilon * bias];
    return {
      update(g, old) {
        const m = combine([beta1, old['m']], [1 - beta1, g])!;
        const v = combine([beta2, old['v']], [1 - beta2, tf.square(g)])!;
        const change = tf.tidy(() => tf.mul(tf.div(m, tf.add(root(v), e)), a));
        return { change, slots: { m, v } };
      },

      transpose(change, { m: mBar, v: vBar }, { gradient, slots: { m, v } }) {
        const g = gradient();
        const r = root(v!);
        const s = tf.add(r, e);
        const inM = change && tf.div(change, s);
        const inV = inM && tf.mul(inM, tf.div(m!, tf.mul(s, r)));
        const toM = combine([a, inM], [1, mBar]);
        const toV = combine([-a / 2, inV], [1, vBar]);
        const timesG = (cotangent: tf.Tensor | undefined): tf.Tensor | undefined => cotangent && tf.mul(g, cotangent);
        return {
          gradient:
            count === 0
              ? combine(
                  [a * (1 - beta1) * e, inM && tf.div(inM, s)],
                  [1 - beta1, mBar],
                  [2 * (1 - beta2), timesG(vBar)],
                )
              : combine([1 - beta1, toM], [2 * (1 - beta2), timesG(toV)]),
          slots: { m: combine([beta1, toM]), v: combine([beta2, toV]) },
        };
      },
    };
  }
}

/** Kept off 0, where a root has no derivative; what the derivative is multiplied with there is 0. */
const root = (v: tf.Tensor): tf.Tensor => tf.sqrt(tf.maximum(v, 1e-36));
