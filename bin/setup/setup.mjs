import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from './build.mjs';
import { interruption } from './command.mjs';
import { prepareDependencies } from './dependencies.mjs';
import { prepareEngine } from './engine.mjs';
import { withLock } from './lock.mjs';
import { Interrupted, Problem } from './problem.mjs';
import { reportStep } from './report.mjs';

/** @type {Record<string, string>} */
const usage = {
  '--quiet': 'print only what had to be done',
  '--engine-only': 'leave out the build',
  '--help': 'print this',
};
const usageLines = Object.entries(usage).map(([option, meaning]) => `  ${option.padEnd(15)}${meaning}`);

/**
 * Makes auxflow ready to run: in a clone its dependencies, the native engine and the build; as an installed package the
 * engine only. What is ready is left alone, and what fails leaves nothing half-installed behind.
 *
 * @param {string} root - of the clone or the installed package
 * @param {string[]} options - see `usage`
 * @returns {Promise<number>} the exit code
 */
export async function setup(root, options) {
  const unknown = options.filter((option) => !(option in usage));
  if (unknown.length > 0 || options.includes('--help')) {
    console.error([...unknown.map((option) => `unknown option: ${option}`), 'auxflow setup', ...usageLines].join('\n'));
    return unknown.length > 0 ? 2 : 0;
  }
  const quiet = options.includes('--quiet');
  const clone = existsSync(join(root, 'package-lock.json'));
  // Not once: npm hands on a Ctrl-C that the terminal has sent already.
  for (const signal of /** @type {const} */ (['SIGHUP', 'SIGINT', 'SIGTERM'])) {
    process.on(signal, () => interruption.abort(new Interrupted(signal)));
  }
  try {
    requireNode(root);
    await withLock(root, sayWaiting, async () => {
      if (clone) await step('dependencies', prepareDependencies);
      await step('engine', prepareEngine);
      if (clone && !options.includes('--engine-only')) await step('build', build);
    });
    return 0;
  } catch (error) {
    return explain(error);
  }

  /**
   * @param {string} name
   * @param {(root: string, report: import('./report.mjs').Report) => Promise<void>} prepare
   */
  async function step(name, prepare) {
    const report = reportStep(name, { quiet });
    await prepare(root, report).finally(() => report.end());
  }
}

/** @param {string} root */
function requireNode(root) {
  const wanted = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '');
  const [major, minor = 0] = wanted.split('.').map(Number);
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split('.').map(Number);
  if (ownMajor > major || (ownMajor === major && ownMinor >= minor)) return;
  throw new Problem(`Node ${process.versions.node} is too old`, `auxflow needs Node ${wanted} or newer`, [
    'install a current Node, for example by a version manager (nvm, fnm, volta) or your system packages',
  ]);
}

const sayWaiting = () => process.stderr.write('waiting for another set-up of this folder to end\n');

/** @param {any} error */
function explain(error) {
  const { aborted, reason } = interruption.signal;
  if (aborted) {
    console.error(`auxflow setup: ${reason.message}; nothing half-installed is left`);
    return reason.exitCode;
  }
  console.error(asProblem(error)?.format() ?? error);
  return 1;
}

/** @param {any} error */
function asProblem(error) {
  if (error instanceof Problem) return error;
  if (error.code === 'ENOSPC') {
    return new Problem('the disk is full', 'TensorFlow needs 1.5 GB for a moment, 0.6 GB after', [
      'free some space, or set XDG_CACHE_HOME to a folder on a larger disk, and set up again',
    ]);
  }
  if (error.syscall) {
    return new Problem(error.message, 'the system refuses what the set-up needs', [
      'correct that; where it is about a cache folder, XDG_CACHE_HOME names another place for it',
    ]);
  }
  return undefined;
}
