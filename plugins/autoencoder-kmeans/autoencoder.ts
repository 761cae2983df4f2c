import { chain, disposable } from '../../core/autodiff/index.js';
import type { Layer } from '../../core/autodiff/index.js';
import { tf } from '../../core/engine/index.js';
import type { Generator } from '../../core/engine/index.js';
import type { Optimizer, StepPosition } from '../../core/stages/index.js';
import { finite, Learner } from '../../core/training/index.js';
import type { Coding } from './layers.js';

/** A network that learns to squeeze inputs into a few numbers and to restore them. Owns its weights. */
export class Autoencoder implements Disposable {
  private readonly encoder: Layer;
  private readonly whole: Layer;
  private readonly learner: Learner;

  constructor(
    { encoder, decoder }: Coding,
    inputShape: readonly number[],
    private readonly optimizer: Optimizer,
    random: Generator,
  ) {
    this.encoder = encoder;
    this.whole = chain(encoder, decoder);
    const variables = this.whole.init(inputShape, random);
    this.learner = new Learner(variables, optimizer.init(variables.params));
  }

  /**
   * One step down the mean squared error of the restored inputs.
   * @param inputs float32 `[batch, ...inputShape]`, borrowed
   * @returns the error before the step
   * @throws RunError where it isn't finite
   */
  step(inputs: tf.Tensor, position: StepPosition): number {
    const { learner, optimizer } = this;
    using point = this.whole.linearize(learner.variables, inputs, learner.mode);
    const [error, cotangent] = tf.tidy((): [tf.Scalar, tf.Tensor] => {
      const difference = tf.sub(point.output, inputs);
      return [tf.mean(tf.square(difference)), tf.mul(difference, 2 / difference.size)];
    });
    using owned = disposable({ error, cotangent });
    const loss = finite(error.dataSync()[0]!, 'auxiliary', 'reconstruction loss', position);
    using gradients = disposable(point.pullback(owned.params.cotangent, { input: false, release: true }).params);
    learner.update(optimizer, gradients.params, optimizer.learningRate.at(position));
    return loss;
  }

  /** What the inputs are squeezed into: rows of `latent` numbers. */
  encode(inputs: tf.Tensor): Float32Array {
    using latent = this.encoder.apply(this.learner.variables, inputs, this.learner.mode);
    return latent.dataSync<'float32'>();
  }

  [Symbol.dispose](): void {
    this.learner[Symbol.dispose]();
  }
}
