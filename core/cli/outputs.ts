import type { Output } from './shell.js';

/** Both outputs, for as long as a verb runs: readers that leave early (`auxflow schema | head`) are no error. */
export class Outputs {
  private readonly outputs: readonly Output[];

  constructor({ stdout, stderr }: { readonly stdout: Output; readonly stderr: Output }) {
    this.outputs = [stdout, stderr];
    for (const output of this.outputs) output.on('error', tolerate);
  }

  /** Settles when everything is written. */
  async finish(): Promise<void> {
    await Promise.all(this.outputs.map(written));
    for (const output of this.outputs) output.off('error', tolerate);
  }
}

function tolerate(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}

const written = (output: Output): Promise<void> =>
  new Promise((resolve) => {
    if (output.writable) output.write('', () => resolve());
    else resolve();
  });
