import { attribute, nativeOp, tf } from '../../engine/index.js';
import { float, nhwc } from './single.js';
import type { Attributes } from './single.js';

/** What a fused batch norm saves for its gradient: mean, variance (or its inverse root) and the engine's scratch. */
export type Reserve = readonly [tf.Tensor, tf.Tensor, tf.Tensor];

export interface FusedBatchNorm {
  readonly y: tf.Tensor;
  /** New running statistics `[c]`. */
  readonly mean: tf.Tensor;
  readonly variance: tf.Tensor;
  readonly reserve: Reserve;
}

const batchNormAttributes = (epsilon: number, training: boolean): Attributes =>
  float({
    U: attribute.float32(),
    epsilon: attribute.float(epsilon),
    is_training: attribute.bool(training),
    ...nhwc,
  });

/**
 * Normalises `x` `[n, h, w, c]` by its own statistics, then scales and shifts by `[c]`.
 * @param running statistics `[c]` so far, of which `momentum` is kept; the batch's own, its variance unbiased, make up the rest
 */
export function batchNormTraining(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  epsilon: number,
  running: { readonly mean: tf.Tensor; readonly variance: tf.Tensor; readonly momentum: number },
): FusedBatchNorm {
  const attributes = {
    ...batchNormAttributes(epsilon, true),
    exponential_avg_factor: attribute.float(1 - running.momentum),
  };
  const outputs = nativeOp('FusedBatchNormV3', [x, scale, offset, running.mean, running.variance], attributes, 6);
  const [y, mean, variance, r1, r2, r3] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return { y, mean, variance, reserve: [r1, r2, r3] };
}

/** Normalises `x` by given statistics `[c]`, then scales and shifts. */
export function batchNormFixed(
  x: tf.Tensor,
  scale: tf.Tensor,
  offset: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  const [y, ...rest] = nativeOp(
    'FusedBatchNormV3',
    [x, scale, offset, mean, variance],
    batchNormAttributes(epsilon, false),
    6,
  ) as [tf.Tensor, ...tf.Tensor[]];
  tf.dispose(rest);
  return y;
}

/** Pulls `dy` back through a training batch norm at `x`. */
export function batchNormGrad(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: tf.Tensor,
  reserve: Reserve,
  epsilon: number,
): { x: tf.Tensor; scale: tf.Tensor; offset: tf.Tensor } {
  const [dx, dScale, dOffset, ...rest] = nativeOp(
    'FusedBatchNormGradV3',
    [dy, x, scale, ...reserve],
    batchNormAttributes(epsilon, true),
    5,
  ) as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  tf.dispose(rest);
  return { x: dx, scale: dScale, offset: dOffset };
}
