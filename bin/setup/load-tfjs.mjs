import { createRequire } from 'node:module';
import util from 'node:util';

const require = createRequire(import.meta.url);

/**
 * TensorFlow.js from a folder, for what tests it in a process of its own.
 *
 * @param {string} folder
 */
export function loadTfjs(folder) {
  // tfjs-node still calls two functions that Node 22 deprecated and Node 23 removed.
  Object.assign(util, { isNullOrUndefined: (/** @type {unknown} */ value) => value == null, isArray: Array.isArray });
  return require(folder);
}
