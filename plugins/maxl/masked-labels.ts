import { tf } from '../../core/engine/index.js';
import type { Regulariser } from '../../core/stages/index.js';
import { blockMask, maskSoftmax, maskSoftmaxPullback } from './mask-softmax.js';
import { labelRegulariser } from './regulariser.js';
import type { RegulariserConfig } from './regulariser.js';
import { likeliest, straightThrough } from './straight-through.js';

export interface MaskedLabelsConfig extends RegulariserConfig {
  /** Divides the logits of the mask softmax. */
  readonly temperature: number;
  /** What the main network trains on: distributions, or their likeliest classes. */
  readonly labels: 'soft' | 'hard';
}

/** Labels at some logits; owns its tensors. */
export interface LabelsPoint extends Disposable {
  /** float32 `[batch, sum(psi)]` */
  readonly targets: tf.Tensor2D;
  /** From a cotangent of the labels to that of the logits, straight through where labels are hard; owned by the caller. */
  pullback(cotangent: tf.Tensor): tf.Tensor;
}

/** The labels that a label network's logits stand for, and the terms on them. */
export class MaskedLabels {
  /** Its terms are on the soft labels, also where those in use are hard. */
  readonly regulariser: Regulariser;
  /** The soft labels behind hard ones. */
  private readonly softened = new WeakMap<tf.Tensor, tf.Tensor2D>();

  constructor(
    private readonly config: MaskedLabelsConfig,
    private readonly psi: readonly number[],
  ) {
    const { apply, cotangent, ...scales } = labelRegulariser(config, psi);
    this.regulariser = {
      ...scales,
      apply: (targets) => apply(this.soften(targets)),
      cotangent: (targets) => cotangent(this.soften(targets)),
    };
  }

  /** @param logits float32 `[batch, sum(psi)]`, borrowed */
  at(logits: tf.Tensor, primaryClasses: Int32Array): LabelsPoint {
    const { temperature } = this.config;
    using mask = blockMask(primaryClasses, this.psi);
    const soft = maskSoftmax(logits, mask, temperature);
    const targets = this.harden(soft, likeliest);
    return {
      targets,
      pullback: (cotangent) => maskSoftmaxPullback(soft, cotangent, temperature),
      [Symbol.dispose]: () => tf.dispose([targets, soft]),
    };
  }

  /** The same labels on the tape. */
  apply(logits: tf.Tensor, primaryClasses: Int32Array): tf.Tensor2D {
    using mask = blockMask(primaryClasses, this.psi);
    return this.harden(maskSoftmax(logits, mask, this.config.temperature), straightThrough);
  }

  private harden(soft: tf.Tensor2D, choose: (soft: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
    if (this.config.labels === 'soft') return soft;
    const hard = choose(soft);
    this.softened.set(hard, soft);
    return hard;
  }

  private soften(targets: tf.Tensor2D): tf.Tensor2D {
    return this.softened.get(targets) ?? targets;
  }
}
