/** Why a set-up can't go on: what happened, why that matters, and what to do about it. */
export class Problem extends Error {
  /**
   * @param {string} what - one line, without a full stop
   * @param {string} why - one line
   * @param {string[]} remedy - one line each
   * @param {string} [output] - what the failed command printed; its last lines are shown
   */
  constructor(what, why, remedy, output = '') {
    super(what);
    this.name = 'Problem';
    this.why = why;
    this.remedy = remedy;
    this.output = output;
  }

  /** The whole message, ready to print. */
  format() {
    const tail = this.output
      .trim()
      .split('\n')
      .filter((line) => line && !/^(npm error)? +at /.test(line))
      .slice(-15);
    return [
      `auxflow setup: ${this.message}`,
      `  why  ${this.why}`,
      ...this.remedy.map((line, i) => `${i === 0 ? '  do   ' : '       '}${line}`),
      ...tail.map((line) => `  |    ${line}`),
    ].join('\n');
  }
}

/** Thrown where a signal (Ctrl-C, or a terminating system) ended the set-up. */
export class Interrupted extends Error {
  /** @param {NodeJS.Signals} signal */
  constructor(signal) {
    super(`interrupted by ${signal}`);
    this.name = 'Interrupted';
    this.exitCode = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }[/** @type {string} */ (signal)] ?? 1;
  }
}
