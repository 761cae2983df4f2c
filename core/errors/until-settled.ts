/** Who waits, the innermost last: it alone knows what is stuck. */
const waiting: symbol[] = [];

/**
 * `work`, but never a process that ends without a word before it settles: it rejects where nothing is left to do that could
 * settle it, and a `process.exit` underneath, which can't be stopped, is told on stderr and isn't code 0.
 * @param stuck the error where nothing is left to do
 * @param exited what stderr hears at a `process.exit`
 */
export async function untilSettled<T>(work: Promise<T>, stuck: () => Error, exited: string): Promise<T> {
  const self = Symbol();
  let idle = (): void => undefined;
  const ended = new Promise<never>((_, reject) => {
    idle = () => {
      if (waiting.at(-1) === self) reject(stuck());
    };
  });
  const exit = (code: number): void => {
    // Above are the codes of signals, sent on purpose.
    if (waiting.at(-1) !== self || code > 128) return;
    process.stderr.write(`error: ${exited}\n`);
    process.exitCode = code || 1;
  };
  waiting.push(self);
  process.on('beforeExit', idle).on('exit', exit);
  try {
    return await Promise.race([work, ended]);
  } finally {
    process.off('beforeExit', idle).off('exit', exit);
    waiting.splice(waiting.indexOf(self), 1);
  }
}
