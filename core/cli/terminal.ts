import { pino, type Logger } from 'pino';
import type { Output, Shell } from './shell.js';

/** Options that every verb has. */
export interface CommonOptions {
  readonly json?: boolean;
  readonly color: boolean;
  readonly logLevel?: string;
}

/** Results on stdout, for people or machines; everything else on stderr. */
export class Terminal {
  readonly json: boolean;
  readonly logger: Logger;

  constructor(
    private readonly shell: Shell,
    private readonly options: CommonOptions,
  ) {
    this.json = options.json ?? false;
    this.logger = pino({ level: options.logLevel ?? 'warn' }, shell.stderr);
  }

  /** Whether events are logged: for machines, and for whoever asks for a level. Others watch the progress. */
  get logsEvents(): boolean {
    return this.json || this.options.logLevel !== undefined;
  }

  get stderr(): Output {
    return this.shell.stderr;
  }

  /**
   * Whether `output` shows colours: a terminal does, unless --no-color or NO_COLOR says no (https://no-color.org), and
   * anything where FORCE_COLOR says yes; in this order.
   */
  colors({ isTTY }: Output = this.shell.stdout): boolean {
    const { NO_COLOR, FORCE_COLOR, TERM } = this.shell.env;
    if (!this.options.color || NO_COLOR) return false;
    if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
    return isTTY === true && TERM !== 'dumb';
  }

  /** Whether a progress bar can be drawn. */
  get interactive(): boolean {
    return this.shell.stderr.isTTY === true && this.shell.env['TERM'] !== 'dumb';
  }

  /** Writes a verb's result: `value` as JSON for machines, `text` for people. */
  result(value: unknown, text: () => string): void {
    const written = this.json ? JSON.stringify(value, undefined, 2) : text().trimEnd();
    if (written !== '') this.shell.stdout.write(`${written}\n`);
  }

  /** A line for people that is not the result. */
  note(line: string): void {
    if (!this.json) this.shell.stderr.write(`${line}\n`);
  }
}
