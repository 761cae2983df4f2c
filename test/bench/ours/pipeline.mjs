import { inject, injectable } from 'inversify';
import { z } from 'zod';
import { auxflow } from './auxflow.mjs';

const { builtIn, defaults, definePlugin, Generator, loadPipeline, stage, StageConfig, tf } = auxflow;

/** @typedef {import('../../../core/config/index.js').PipelineSpec} PipelineSpec */

const NoiseConfig = z.strictObject({
  shape: z.array(z.int().min(1)),
  classes: z.int().min(1),
  samples: z.int().min(1),
  batch: z.int().min(1),
});

/** Random inputs of random classes: what they show doesn't change how long a step takes. */
class Noise {
  /** @param {z.output<typeof NoiseConfig>} config */
  constructor(config) {
    this.config = config;
  }

  /** @returns {Promise<import('../../../core/stages/index.js').Dataset>} */
  async load() {
    const { shape, classes, samples, batch } = this.config;
    const classNames = Array.from({ length: classes }, (_, i) => `class ${i}`);
    return {
      name: 'noise',
      inputShape: shape,
      levels: { primary: { name: 'primary', classes: classNames } },
      primary: 'primary',
      batch,
      train: noise(shape, classes, samples),
      test: noise(shape, classes, 2),
    };
  }
}
injectable()(Noise);
inject(StageConfig)(Noise, undefined, 0);

/**
 * @param {readonly number[]} shape
 * @param {number} classes
 * @param {number} size
 * @returns {import('../../../core/stages/index.js').Split}
 */
function noise(shape, classes, size) {
  const random = Generator.for(1, 'noise');
  const width = shape.reduce((product, length) => product * length, 1);
  const values = Float32Array.from({ length: size * width }, () => random.uniform());
  return {
    size,
    labels: { primary: Int32Array.from({ length: size }, () => random.integer(classes)) },
    inputs(indices) {
      const rows = new Float32Array(indices.length * width);
      indices.forEach((index, n) => rows.set(values.subarray(index * width, (index + 1) * width), n * width));
      return tf.tensor(rows, [indices.length, ...shape]);
    },
  };
}

const noisePlugin = definePlugin({
  name: 'noise',
  apiVersion: 1,
  stages: { dataset: [stage('noise', 'random inputs of random classes', NoiseConfig, Noise)] },
});

/** @param {PipelineSpec} spec */
export const noisePipeline = (spec) =>
  loadPipeline({ name: 'bench', seed: 1, epochs: 1, ...spec }, { plugins: [...builtIn, noisePlugin], defaults });

/**
 * MAXL on a VGG-16 as in the paper's code, on 32x32 images of random content.
 *
 * @param {{ batch: number, psi: number[], width: number, steps: number, cosine?: boolean, metaStep?: object }} workload
 *   `steps` are in a pass, `width` multiplies every layer's, `metaStep` changes single keys of the meta-step
 */
export const maxlPipeline = ({ batch, psi, width, steps, cosine = false, metaStep }) =>
  noisePipeline({
    dataset: { use: 'noise', shape: [32, 32, 3], classes: psi.length, samples: batch * steps, batch },
    model: { use: 'vgg16', widthMultiplier: width },
    loss: { use: 'focal', gamma: 2 },
    optimizer: { use: 'sgd', learningRate: 0.01 },
    auxiliary: { use: 'maxl', psi, entropyWeight: 0.2 },
    metaStep: {
      use: 'meta-gradient',
      optimizer: { use: 'sgd', learningRate: 0.001, weightDecay: 0.0005 },
      ...metaStep,
    },
    gradientCosine: cosine ? 1 : 0,
  });
