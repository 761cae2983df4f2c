/** @import { Position, Schedule } from 'auxflow' */
import { definePlugin, injects, stage, StageConfig, z } from 'auxflow';

const Config = z.strictObject({
  initial: z.number().min(0).describe('the value of the first step'),
  final: z.number().min(0).default(0).describe('the value at the end of the last epoch'),
  power: z.number().gt(0).default(1).describe('1 falls evenly, more falls faster at first'),
});

/**
 * Falls from `initial` to `final` by a power of what is left of the run: final + (initial - final) (1 - epoch / epochs)^power.
 * @implements {Schedule}
 */
export class MyPlugin {
  /** @param {z.output<typeof Config>} config */
  constructor(config) {
    this.config = config;
  }

  /**
   * By the position alone, so that a run goes on as if it had never paused.
   * @param {Position} position
   */
  at({ epoch, epochs }) {
    const { initial, final, power } = this.config;
    return final + (initial - final) * (1 - epoch / epochs) ** power;
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { schedule: [stage('my-plugin', 'falls by a power of what is left of the run', Config, MyPlugin)] },
});
