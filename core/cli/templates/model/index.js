/** @import { Layer, Model, Shape } from 'auxflow' */
import { chain, definePlugin, dense, flatten, injects, relu, stage, StageConfig, z } from 'auxflow';

const Config = z.strictObject({
  units: z.int().min(1).default(64).describe('of the hidden layer that all tasks share'),
});

/**
 * One hidden layer on flat inputs, and a dense layer for each task.
 * @implements {Model}
 */
export class MyPlugin {
  /** @param {z.output<typeof Config>} config */
  constructor({ units }) {
    this.units = units;
  }

  /**
   * The layers that all tasks share; their parameters are named `trunk/...`.
   * @returns {Layer}
   */
  trunk() {
    return chain(flatten(), dense('trunk/hidden', { units: this.units }), relu());
  }

  /**
   * The layers of one task, up to its logits; their parameters are named after the head.
   * @param {string} name
   * @param {Shape} _features the trunk's output
   * @param {number} outputs
   * @returns {Layer}
   */
  head(name, _features, outputs) {
    return dense(`${name}/logits`, { units: outputs });
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { model: [stage('my-plugin', 'one hidden layer', Config, MyPlugin)] },
});
