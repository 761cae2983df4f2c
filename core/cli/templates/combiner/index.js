/** @import { Combiner, Params, TaskParams } from 'auxflow' */
import { addParams, definePlugin, disposeParams, injects, scaleParams, stage, StageConfig, z } from 'auxflow';

const Config = z.strictObject({
  halfLife: z.number().gt(0).default(1000).describe('updates after which the auxiliary loss counts half as much'),
});

/** What survives a restart. */
const Saved = z.object({ updates: z.int().min(0) });

/**
 * The sum of both gradients, in which the auxiliary one fades: its weight is 0.5^(updates / halfLife).
 * @implements {Combiner}
 */
export class MyPlugin {
  updates = 0;

  /** @param {z.output<typeof Config>} config */
  constructor({ halfLife }) {
    this.halfLife = halfLife;
  }

  /** Of the next update: the weights don't depend on its gradients, so one backward pass serves both tasks. */
  get weights() {
    return { primary: 1, auxiliary: 0.5 ** (this.updates / this.halfLife) };
  }

  /**
   * @param {TaskParams} gradients borrowed
   * @returns {Params} over all parameters of both, owned by the caller
   */
  combine({ primary, auxiliary }) {
    const weighted = scaleParams(auxiliary, this.weights.auxiliary);
    const sum = addParams(primary, weighted);
    disposeParams(weighted);
    return sum;
  }

  /** Called once for each update that is taken. */
  learn() {
    this.updates++;
  }

  snapshot() {
    return { tensors: {}, values: { updates: this.updates } };
  }

  /** @param {{ readonly values: unknown }} snapshot */
  restore({ values }) {
    this.updates = Saved.parse(values).updates;
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { combiner: [stage('my-plugin', 'a sum in which the auxiliary gradient fades', Config, MyPlugin)] },
});
