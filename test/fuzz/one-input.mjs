import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';

/**
 * The input that a number stands for.
 *
 * @param {import('./formats/index.mjs').Format} format
 * @param {number} seed
 * @param {number} index
 * @returns {import('./formats/index.mjs').Input}
 */
export function inputOf({ name, inputs }, seed, index) {
  const own = createHash('sha256').update(`${seed}/${name}/${index}`).digest().readInt32LE();
  return /** @type {import('./formats/index.mjs').Input} */ (fc.sample(inputs, { seed: own, numRuns: 1 })[0]);
}

/**
 * Writes an input into a folder of its own.
 *
 * @param {import('./formats/index.mjs').Input} input
 * @param {string} folder
 * @returns the bytes written
 */
export function writeInput({ files, links = [] }, folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  let bytes = 0;
  /** Two names may want to be a file and a folder, or the same file: the first one is. */
  const attempt = (/** @type {string} */ name, /** @type {(path: string) => void} */ make) => {
    try {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      make(path);
    } catch (/** @type {any} */ error) {
      if (!['EEXIST', 'EISDIR', 'ENOTDIR', 'ELOOP', 'ENOENT'].includes(error.code)) throw error;
    }
  };
  for (const [name, content] of Object.entries(files)) {
    attempt(name, (path) => writeFileSync(path, content));
    bytes += content.length;
  }
  for (const [name = '', to = ''] of links) attempt(name, (path) => symlinkSync(to, path));
  return bytes;
}

/**
 * @typedef {object} Outcome
 * @property {string} [refused] code of the error, where the input was not accepted
 * @property {string} [fault] what should not have happened
 */

/** Nobody reads a longer message. */
const longest = 20_000;

/**
 * Gives an input to its reader: it accepts it or refuses it with an error of ours, and changes nothing else.
 *
 * @param {import('./formats/index.mjs').Format} format
 * @param {import('./readers.mjs').Readers} readers
 * @param {import('./formats/index.mjs').Input} input
 * @param {string} folder where the input was written
 * @returns {Promise<Outcome>}
 */
export async function outcomeOf({ read }, readers, input, folder) {
  const inherited = Object.getOwnPropertyNames(Object.prototype).length;
  /** @type {Outcome} */
  let outcome = {};
  try {
    await read(readers, folder, input);
  } catch (error) {
    if (!(error instanceof readers.AuxflowError))
      return { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    outcome = { refused: error.code };
    const { length } = `${error.message}${error.hint ?? ''}`;
    if (length > longest) outcome = { fault: `${error.code}: a message of ${length} characters` };
  }
  if (Object.getOwnPropertyNames(Object.prototype).length !== inherited)
    return { fault: 'Object.prototype was changed' };
  return outcome;
}
