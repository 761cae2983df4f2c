import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { main } from '../../core/cli/index.js';
import type { ShellOptions } from '../../core/cli/index.js';
import { fakeDefaults, fakes } from '../config/fake-plugins.js';

/** Keeps what is written to it. */
export class Written extends Writable {
  text = '';
  isTTY = false;

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A process that receives the signals that a test sends and notes how it would have ended. */
export class Signals extends EventEmitter {
  exited: number | undefined;

  exit(code: number): void {
    this.exited ??= code;
  }
}

/** Runs the command line with the fake plugins. */
export async function auxflow(argv: readonly string[], options: Partial<ShellOptions> = {}) {
  const [stdout, stderr] = [new Written(), new Written()];
  const code = await main(argv, {
    plugins: fakes,
    defaults: fakeDefaults,
    env: {},
    process: new Signals(),
    stdout,
    stderr,
    ...options,
  });
  return { code, stdout: stdout.text, stderr: stderr.text };
}
