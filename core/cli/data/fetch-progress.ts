import type { Terminal } from '../terminal.js';

const intervalMs = 100;

/** A download's progress on stderr: live on a terminal, else one line for each file when it is there. */
export class FetchProgress {
  private last = -Infinity;
  private open = false;

  constructor(private readonly terminal: Terminal) {}

  /** What has arrived of `file`. */
  show(file: string, bytes: number, total: number | undefined): void {
    const now = performance.now();
    if (this.terminal.json || !this.terminal.interactive || now - this.last < intervalMs) return;
    this.last = now;
    this.open = true;
    const of = total === undefined ? '' : ` of ${megabytes(total)}`;
    this.terminal.stderr.write(`\r\x1b[K${file}  ${megabytes(bytes)}${of}`);
  }

  /** A line that stays; without text only the live one is left behind. */
  line(text?: string): void {
    if (this.open) this.terminal.stderr.write(text === undefined ? '\n' : '\r\x1b[K');
    this.open = false;
    if (text !== undefined) this.terminal.note(text);
  }
}

/** `170.1 MB`, or kilobytes below one. */
export const megabytes = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
