import { RunError } from '../errors/index.js';
import type { Output } from './shell.js';

/**
 * Both outputs, for as long as a verb runs: readers that leave early (`auxflow schema | head`) are no error, and one that
 * can't be written to, as on a full disk, is no reason to stop.
 */
export class Outputs {
  private readonly outputs: readonly Output[];
  private readonly faults = new Map<Output, NodeJS.ErrnoException>();
  private readonly tolerate: ReadonlyMap<Output, (error: NodeJS.ErrnoException) => void>;

  constructor({ stdout, stderr }: { readonly stdout: Output; readonly stderr: Output }) {
    this.outputs = [stdout, stderr];
    this.tolerate = new Map(
      this.outputs.map((output) => [
        output,
        (error) => void (error.code !== 'EPIPE' && this.faults.set(output, error)),
      ]),
    );
    for (const [output, tolerate] of this.tolerate) output.on('error', tolerate);
  }

  /**
   * Settles when everything is written that can be.
   * @returns why the results on stdout are not whole, where they aren't and their reader hasn't left
   */
  async finish(): Promise<RunError | undefined> {
    await Promise.all(this.outputs.map(written));
    for (const [output, tolerate] of this.tolerate) output.off('error', tolerate);
    const cause = this.faults.get(this.outputs[0]!);
    return cause && new RunError('run/output', `the results can't be written: ${cause.message}`, { cause });
  }
}

const written = (output: Output): Promise<void> =>
  new Promise((resolve) => {
    if (output.writable) output.write('', () => resolve());
    else resolve();
  });
