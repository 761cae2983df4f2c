/** @typedef {ReturnType<typeof reportStep>} Report */

/**
 * Prints the progress of one step to stderr: live on a terminal, else a line for each piece of work. A step that
 * found nothing to do says so unless `quiet`.
 *
 * @param {string} name
 * @param {{ quiet?: boolean }} options
 */
export function reportStep(name, { quiet = false }) {
  const terminal = process.stderr.isTTY;
  const start = Date.now();
  let worked = false;
  let open = false;
  const write = (/** @type {string} */ text, last = false) => {
    const line = `${name.padEnd(12)}  ${text}`;
    open = !last;
    process.stderr.write(terminal ? `\r\x1b[K${line}${last ? '\n' : ''}` : `${line}\n`);
  };
  return {
    /** What goes on now. */
    busy(/** @type {string} */ text) {
      worked = true;
      write(text);
    },
    /**
     * Asks for the present state again and again.
     *
     * @param {() => Promise<string>} text
     * @returns ends it
     */
    poll(text) {
      let ended = false;
      const show = async () => {
        const now = await text();
        if (!ended) this.busy(now);
      };
      void show();
      const timer = setInterval(show, terminal ? 250 : 15_000);
      return () => {
        ended = true;
        clearInterval(timer);
      };
    },
    /** The last line. */
    done(/** @type {string} */ text) {
      if (worked) write(`${text} (${((Date.now() - start) / 1000).toFixed(1)} s)`, true);
      else if (!quiet) write(text, true);
    },
    /** Leaves a terminal's line, where the last one is missing because of an error. */
    end() {
      if (open && terminal) process.stderr.write('\n');
    },
  };
}
