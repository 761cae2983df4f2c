import { injectable } from 'inversify';
import { z } from 'zod';
import { tf } from '../../core/engine/index.js';
import type { Loss, LossPoint } from '../../core/stages/index.js';

export const MeanSquaredErrorConfig = z.strictObject({});

/** The squared error of predictions `[batch, outputs]` against numbers of that shape, mean over batch and outputs. */
@injectable()
export class MeanSquaredError implements Loss {
  readonly task = 'regression';

  apply(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): tf.Scalar {
    return tf.tidy(() => {
      const squares = tf.square(tf.sub(output, targets));
      return tf.mean(weights ? tf.mul(squares, tf.reshape(weights, [-1, 1])) : squares);
    });
  }

  at(output: tf.Tensor, targets: tf.Tensor, weights?: tf.Tensor): LossPoint {
    const [slope, cotangent, value] = tf.tidy((): [tf.Tensor, tf.Tensor, number] => {
      const factor = tf.scalar(2 / output.size);
      const slope = weights ? tf.mul(tf.reshape(weights, [-1, 1]), factor) : factor;
      const error = tf.sub(output, targets);
      const cotangent = tf.mul(error, slope);
      return [slope, cotangent, tf.sum(tf.mul(error, cotangent)).dataSync<'float32'>()[0]! / 2];
    });
    return {
      value,
      cotangent,
      mixed: (tangent) => tf.tidy(() => tf.neg(tf.mul(tangent, slope))),
      [Symbol.dispose]: () => tf.dispose([slope, cotangent]),
    };
  }
}
