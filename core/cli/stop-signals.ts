import type { SignalSource, StopSignal } from './shell.js';

const codes: Readonly<Record<StopSignal, number>> = { SIGINT: 130, SIGTERM: 143 };

/** Turns the first SIGINT or SIGTERM into an abort and lets the second end the process, until disposed. */
export class StopSignals implements Disposable {
  private readonly controller = new AbortController();
  private received: StopSignal | undefined;

  constructor(
    private readonly process: SignalSource,
    private readonly onFirst: (signal: StopSignal) => void,
  ) {
    for (const signal of Object.keys(codes) as StopSignal[]) process.on(signal, this.listen);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** The exit code that says which signal came; `undefined` where none did. */
  get exitCode(): number | undefined {
    return this.received && codes[this.received];
  }

  [Symbol.dispose](): void {
    for (const signal of Object.keys(codes) as StopSignal[]) this.process.off(signal, this.listen);
  }

  private readonly listen = (signal: StopSignal): void => {
    if (this.received) {
      this.process.exit(codes[signal]);
      return;
    }
    this.received = signal;
    this.controller.abort(signal);
    this.onFirst(signal);
  };
}
