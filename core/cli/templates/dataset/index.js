/** @import { DatasetSource } from 'auxflow' */
import {
  datasetOptions,
  definePlugin,
  Generator,
  injects,
  inMemoryDataset,
  Random,
  stage,
  StageConfig,
  z,
} from 'auxflow';

const Config = z.strictObject({
  ...datasetOptions,
  noise: z.number().min(0).default(0.1).describe('by how much a point may lie off its ring, each way'),
});

/** The halves of both rings: the hidden finer level. */
const halves = ['inner left', 'inner right', 'outer left', 'outer right'];

/**
 * Points in the plane on two rings, of radius 1 and 2: 1,000 to train on and 200 to test on.
 * @implements {DatasetSource}
 */
export class MyPlugin {
  /**
   * @param {z.output<typeof Config>} config
   * @param {Random} random
   */
  constructor(config, random) {
    this.config = config;
    this.random = random;
  }

  async load() {
    const { config, random } = this;
    return inMemoryDataset({
      name: 'my-plugin',
      inputShape: [2],
      levels: {
        ring: { name: 'ring', classes: ['inner', 'outer'] },
        half: { name: 'half', classes: halves, parent: { level: 'ring', of: [0, 0, 1, 1] } },
      },
      primary: 'ring',
      train: this.draw(1000, 'train'),
      test: this.draw(200, 'test'),
      options: config,
      random,
    });
  }

  /**
   * Points with their halves; their rings follow from them. Each part has a generator of its own.
   * @param {number} count
   * @param {string} part
   */
  draw(count, part) {
    const random = Generator.for(this.random.seed, `my-plugin/${part}`);
    const inputs = new Float32Array(2 * count);
    const half = new Int32Array(count);
    for (let n = 0; n < count; n++) {
      const outer = n % 2;
      const angle = random.uniform(0, 2 * Math.PI);
      const radius = 1 + outer + random.uniform(-1, 1) * this.config.noise;
      const point = [radius * Math.cos(angle), radius * Math.sin(angle)];
      inputs.set(point, 2 * n);
      half[n] = 2 * outer + (Math.cos(angle) > 0 ? 1 : 0);
    }
    return { inputs, labels: { half } };
  }
}
injects(MyPlugin, StageConfig, Random);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { dataset: [stage('my-plugin', 'points on two rings; levels ring and half', Config, MyPlugin)] },
});
