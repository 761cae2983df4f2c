import { spawn } from 'node:child_process';

/** Aborted by the first signal: it ends the running command, whose caller then cleans up. */
export const interruption = new AbortController();

/**
 * Runs a command to its end and collects what it prints.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: Record<string, string> }} [options] - `env` is added to this process's
 * @returns {Promise<{ ok: boolean, missing: boolean, output: string }>} `missing`: there is no such command
 * @throws {Interrupted} after a signal, once the command has ended
 */
export function run(command, args, { cwd, env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal: interruption.signal,
      shell: process.platform === 'win32' && !command.endsWith('.exe'),
    });
    let output = '';
    let missing = false;
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    child.on('error', (/** @type {NodeJS.ErrnoException} */ error) => (missing = error.code === 'ENOENT'));
    child.on('close', (code) => {
      if (interruption.signal.aborted) reject(interruption.signal.reason);
      else resolve({ ok: code === 0, missing, output });
    });
  });
}

/**
 * The first of several commands that answers to `--version`.
 *
 * @param {string[][]} candidates - each a command and its first arguments
 */
export async function firstWorking(candidates) {
  for (const [command, ...args] of candidates) {
    if (command && (await run(command, [...args, '--version'])).ok) return { command, args };
  }
  return undefined;
}
