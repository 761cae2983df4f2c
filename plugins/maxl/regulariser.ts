import { tf } from '../../core/engine/index.js';
import type { Regulariser } from '../../core/stages/index.js';
import { entropy, entropyPerPrimary, sampleEntropy } from './entropy.js';

export interface RegulariserConfig {
  readonly entropyWeight: number;
  readonly entropyScope: 'global' | 'per-primary';
  readonly sampleEntropyWeight: number;
  /** What the meta-gradient is multiplied by beside the terms. */
  readonly metaScale: number;
}

/** The entropy terms as one: their mean by their weights, with the sum of these as its own weight. */
export function labelRegulariser(
  { entropyWeight, entropyScope, sampleEntropyWeight, metaScale }: RegulariserConfig,
  psi: readonly number[],
): Regulariser {
  const weight = entropyWeight + sampleEntropyWeight;
  const evenness = entropyScope === 'global' ? entropy : entropyPerPrimary(psi);
  if (sampleEntropyWeight === 0) return { weight, metaScale, ...evenness };
  const share = sampleEntropyWeight / weight;
  const mean = <R extends tf.Rank>(even: tf.Tensor<R>, sure: tf.Tensor<R>): tf.Tensor<R> =>
    tf.add(tf.mul(even, 1 - share), tf.mul(sure, share));
  return {
    weight,
    metaScale,
    apply: (labels) => tf.tidy(() => mean(evenness.apply(labels), sampleEntropy.apply(labels))),
    cotangent: (labels) => tf.tidy(() => mean(evenness.cotangent(labels), sampleEntropy.cotangent(labels))),
  };
}
