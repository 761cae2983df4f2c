import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { tf } from '../../core/engine/index.js';
import { StageConfig } from '../../core/stages/index.js';
import type { Loss, LossPoint } from '../../core/stages/index.js';

export const FocalConfig = z.strictObject({
  gamma: z.number().min(0).default(2).describe('focusing exponent; 0 is cross-entropy'),
});

/** Smallest 1 - p under a negative exponent, which 0 < gamma < 1 has. */
const floor = 1e-7;

/**
 * The focal loss of logits `[batch, classes]` on hard or soft targets, sum_k -t_k (1 - p_k)^gamma log p_k, batch mean
 * (Lin et al. 2017, "Focal Loss for Dense Object Detection", equation 4). Computed from log-softmax and expm1, so it
 * stays finite and right however large the logits.
 */
@injectable()
export class Focal implements Loss {
  private readonly gamma: number;

  constructor(@inject(StageConfig) { gamma }: z.output<typeof FocalConfig>) {
    this.gamma = gamma;
  }

  apply(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const logP = tf.logSoftmax(output);
      return batchMean(tf.sum(tf.mul(soft(targets, output), this.term(logP)), -1), weights);
    });
  }

  at(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): LossPoint {
    const [p, slope, value, cotangent] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Scalar, tf.Tensor] => {
      const logP = tf.logSoftmax(output);
      const p = tf.exp(logP);
      const slope = this.slope(logP, p);
      const t = soft(targets, output);
      const inLogP = tf.mul(tf.mul(t, slope), shares(output, weights));
      const value = batchMean(tf.sum(tf.mul(t, this.term(logP)), -1), weights);
      return [p, slope, value, tf.sub(tf.mul(p, tf.sum(inLogP, -1, true)), inLogP)];
    });
    return {
      value: takeScalar(value),
      cotangent,
      mixed: (tangent) =>
        tf.tidy(() => {
          const logPTangent = tf.sub(tangent, tf.sum(tf.mul(p, tangent), -1, true));
          return tf.neg(tf.mul(tf.mul(slope, logPTangent), shares(output, weights)));
        }),
      [Symbol.dispose]: () => tf.dispose([p, slope, cotangent]),
    };
  }

  /** -(1 - p)^gamma log p per class. */
  private term(logP: tf.Tensor): tf.Tensor {
    return this.gamma === 0 ? tf.neg(logP) : tf.neg(tf.mul(tf.pow(oneMinus(logP, this.gamma), this.gamma), logP));
  }

  /** The derivative of (1 - p)^gamma log p in log p. */
  private slope(logP: tf.Tensor, p: tf.Tensor): tf.Tensor {
    const { gamma } = this;
    if (gamma === 0) return tf.onesLike(p);
    const q = oneMinus(logP, gamma);
    return tf.sub(tf.pow(q, gamma), tf.mul(tf.mul(tf.mul(p, logP), gamma), tf.pow(q, gamma - 1)));
  }
}

/** 1 - p from log p, kept off zero where a negative exponent follows. */
const oneMinus = (logP: tf.Tensor, gamma: number): tf.Tensor => {
  const q = tf.neg(tf.expm1(logP));
  return gamma < 1 ? tf.maximum(q, floor) : q;
};

/** Hard int32 `[batch]` classes as one-hot rows; soft targets as they are. */
const soft = (targets: tf.Tensor, output: tf.Tensor): tf.Tensor =>
  targets.rank === 1 ? tf.oneHot(targets, output.shape[1]!, 1, 0, 'float32') : targets;

const batchMean = (perSample: tf.Tensor, weights?: tf.Tensor): tf.Scalar =>
  tf.mean(weights ? tf.mul(perSample, weights) : perSample);

/** What each sample's share in the batch mean is: a number, or `[batch, 1]` with weights. */
const shares = (output: tf.Tensor, weights?: tf.Tensor): tf.Tensor | number =>
  weights ? tf.div(tf.reshape(weights, [-1, 1]), output.shape[0]) : 1 / output.shape[0];

const takeScalar = (scalar: tf.Scalar): number => {
  using owned = scalar;
  return owned.dataSync()[0]!;
};
