import { RunError, stageAtWork } from '../errors/index.js';
import { reportStray } from '../events/index.js';

/**
 * What a plugin leaves to nobody, a rejected promise or a throw in a timer, doesn't end the process, until disposed. Where it
 * is an observer's doing, it is reported as any of its faults; else the signal is aborted with a RunError, and the run fails
 * after its step.
 */
export class StrayErrors implements Disposable {
  private readonly controller = new AbortController();

  constructor() {
    process.on('unhandledRejection', this.listen);
    process.on('uncaughtException', this.listen);
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  [Symbol.dispose](): void {
    process.off('unhandledRejection', this.listen);
    process.off('uncaughtException', this.listen);
  }

  private readonly listen = (cause: unknown): void => {
    if (reportStray(cause) || this.signal.aborted) return;
    const message = cause instanceof Error ? cause.message : String(cause);
    const fault = `an error that nothing handled: ${message}`;
    const culprit = stageAtWork.getStore();
    this.controller.abort(
      new RunError('run/stray', culprit === undefined ? fault : `${culprit}: ${fault}`, {
        cause,
        hint: 'A promise was rejected that nothing awaited, or a timer threw; what had been trained is saved.',
      }),
    );
  };
}
