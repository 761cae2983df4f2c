/** @import { Observer, RunEvent } from 'auxflow' */
import { writeFile } from 'node:fs/promises';
import { definePlugin, injects, path, stage, StageConfig, z } from 'auxflow';

const Config = z.strictObject({
  file: path().describe('text file with one line for each epoch, written anew at each run'),
});

/**
 * Writes what each epoch came to into a text file.
 * @implements {Observer}
 */
export class MyPlugin {
  name = 'my-plugin';
  /** @type {string[]} */
  lines = [];

  /** @param {z.output<typeof Config>} config */
  constructor({ file }) {
    this.file = file;
  }

  /**
   * A resumed run tells once more what it told before, so the file is whole then too.
   * @param {Parameters<Observer['observe']>[0]} events
   * @returns {Promise<void>} settles when the file is written
   */
  async observe(events) {
    await new Promise((resolve, reject) => {
      events.subscribe({ next: (event) => this.see(event), error: reject, complete: () => resolve(undefined) });
    });
    await this.flush();
  }

  async flush() {
    await writeFile(this.file, this.lines.map((line) => `${line}\n`).join(''));
  }

  /** @param {RunEvent} event */
  see(event) {
    if (event.type !== 'epoch:end') return;
    const { epoch, epochs, metrics } = event;
    this.lines.push(`epoch ${epoch} of ${epochs}: primary loss ${metrics.primaryLoss.toFixed(4)}`);
  }
}
injects(MyPlugin, StageConfig);

export default definePlugin({
  name: 'my-plugin',
  apiVersion: 1,
  stages: { observer: [stage('my-plugin', 'a line for each epoch, in a text file', Config, MyPlugin)] },
});
