/**
 * Turns a rejected promise that nobody handles, as a plugin may leave one, into a graceful stop instead of the end of the
 * process, until disposed.
 */
export class StrayRejections implements Disposable {
  private readonly controller = new AbortController();

  constructor(private readonly onFirst: (reason: unknown) => void) {
    process.on('unhandledRejection', this.listen);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.listen);
  }

  private readonly listen = (reason: unknown): void => {
    if (this.signal.aborted) return;
    this.controller.abort(reason instanceof Error ? reason : new Error(String(reason)));
    this.onFirst(reason);
  };
}
