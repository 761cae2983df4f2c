/** @import { AuxiliaryLabels, Batch, Labels } from 'auxflow' */
import { blockHead, blockStarts, Dataset, definePlugin, injects, Psi, stage, StageConfig, tf, z } from 'auxflow';

const Config = z.strictObject({
  psi: Psi,
  brightest: z.number().gt(0).default(1).describe('mean input from which on a sample has the last class of its block'),
});

/**
 * Labels each sample by how bright it is: its mean input, in even steps from 0 to `brightest`, one step for each class of
 * its block.
 * @implements {AuxiliaryLabels}
 */
export class MyPlugin {
  /**
   * @param {z.output<typeof Config>} config
   * @param {Dataset} dataset
   */
  constructor({ psi, brightest }, dataset) {
    this.brightest = brightest;
    this.head = blockHead(psi, dataset);
  }

  /**
   * One-hot labels, float32 `[batch, sum(psi)]`; owned by the caller.
   * @param {Batch} batch borrowed
   * @returns {Labels}
   */
  for({ inputs, primaryClasses, size }) {
    const { psi, outputs } = this.head;
    const targets = tf.tidy(() => {
      const ofClass = (/** @type {readonly number[]} */ values) =>
        tf.gather(tf.tensor1d([...values]), [...primaryClasses]);
      const steps = ofClass(psi);
      const brightness = tf.clipByValue(tf.div(tf.mean(tf.reshape(inputs, [size, -1]), 1), this.brightest), 0, 1);
      const step = tf.minimum(tf.floor(tf.mul(brightness, steps)), tf.sub(steps, 1));
      return tf.oneHot(tf.cast(tf.add(ofClass(blockStarts(psi)), step), 'int32'), outputs, 1, 0, 'float32');
    });
    return { targets, [Symbol.dispose]: () => targets.dispose() };
  }
}
injects(MyPlugin, StageConfig, Dataset);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { auxiliary: [stage('my-plugin', 'labels by mean brightness', Config, MyPlugin)] },
});
