import type { EpochMetrics, LabelMeasurement, LabelUse } from '../events/index.js';
import type { tf } from '../engine/index.js';

/**
 * The auxiliary labels of a batch, summed by primary class.
 * @param targets float32 `[batch, outputs]` whose rows are distributions, borrowed
 */
export function labelSums(
  targets: tf.Tensor,
  primaryClasses: Int32Array,
  psi: readonly number[],
): Required<LabelMeasurement> {
  const outputs = targets.shape[1]!;
  const labelMass = new Float32Array(psi.length * outputs);
  const labelEntropy = new Float32Array(psi.length);
  const values = targets.dataSync<'float32'>();
  for (const [n, primary] of primaryClasses.entries()) {
    const label = values.subarray(n * outputs, (n + 1) * outputs);
    label.forEach((share, k) => (labelMass[primary * outputs + k]! += share));
    labelEntropy[primary]! += entropy(label);
  }
  return { labelMass, labelEntropy };
}

/**
 * How evenly each primary class uses its block of auxiliary classes, and how much its labels say of each sample.
 * @param labelMass row-major `[primary classes, outputs]`, and `labelEntropy` `[primary classes]`: sums over the same samples
 */
export function labelUse(
  { labelMass, labelEntropy }: { readonly labelMass: Float64Array; readonly labelEntropy: Float64Array },
  psi: readonly number[],
  primaryClasses: readonly string[],
): LabelUse[] {
  const outputs = psi.reduce((total, size) => total + size, 0);
  let start = 0;
  return psi.map((size, i) => {
    const block = [...labelMass.subarray(i * outputs + start, i * outputs + start + size)];
    start += size;
    const samples = block.reduce((sum, value) => sum + value, 0);
    const shares = block.map((value) => (samples > 0 ? value / samples : 0));
    const ofMean = entropy(shares);
    const ofSamples = samples > 0 ? Math.min(labelEntropy[i]! / samples, ofMean) : 0;
    const largest = size > 1 ? Math.log(size) : 1;
    return {
      primaryClass: primaryClasses[i]!,
      samples: Math.round(samples),
      shares,
      effectiveClasses: samples > 0 ? Math.exp(ofMean) : 0,
      sampleEntropy: ofSamples / largest,
      sharpness: (ofMean - ofSamples) / largest,
    };
  });
}

/** Means over the samples of those primary classes that have several auxiliary ones; `undefined` where none has. */
export function meanUse(uses: readonly LabelUse[]): LabelMeans | undefined {
  const blocks = uses.filter(({ shares, samples }) => shares.length > 1 && samples > 0);
  if (blocks.length === 0) return undefined;
  const total = blocks.reduce((sum, { samples }) => sum + samples, 0);
  const mean = (key: 'sampleEntropy' | 'sharpness'): number =>
    blocks.reduce((sum, use) => sum + use[key] * use.samples, 0) / total;
  const [labelSampleEntropy, labelSharpness] = [mean('sampleEntropy'), mean('sharpness')];
  return { labelEvenness: labelSampleEntropy + labelSharpness, labelSampleEntropy, labelSharpness };
}

type LabelMeans = Required<Pick<EpochMetrics, 'labelEvenness' | 'labelSampleEntropy' | 'labelSharpness'>>;

/** In nats. */
function entropy(shares: Float32Array | readonly number[]): number {
  let sum = 0;
  for (const share of shares) if (share > 0) sum -= share * Math.log(share);
  return sum;
}
