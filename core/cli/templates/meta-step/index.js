/** @import { MetaStep, Pass, PassOptions } from 'auxflow' */
import { definePlugin, injects, stage, StageConfig, z } from 'auxflow';

const Config = z.strictObject({
  passes: z.int().min(1).default(2).describe('training passes over the data in one epoch'),
});

/**
 * An epoch is several training passes, each in an order of its own. A meta-step that learns labels adds a pass whose step
 * moves `state.theta2`.
 * @implements {MetaStep}
 */
export class MyPlugin {
  /** @param {z.output<typeof Config>} config */
  constructor({ passes }) {
    this.count = passes;
  }

  /**
   * @param {PassOptions} options with the ordinary training step
   * @returns {readonly Pass[]}
   */
  passes({ train }) {
    return Array.from({ length: this.count }, (_, i) => ({ name: `train-${i + 1}`, step: train }));
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { metaStep: [stage('my-plugin', 'several training passes an epoch', Config, MyPlugin)] },
});
